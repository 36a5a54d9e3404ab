"""Reading lists of appointments that other systems write."""
