#!/bin/sh
# Shows one page of Kindline full screen, for good: `kiosk.sh http://192.168.1.10:8000/display`.
# It waits for the server first, since a browser that finds none shows its own error and stays there, and starts the
# browser anew when it ends.
set -u

page=${1:?"Say which page, such as http://192.168.1.10:8000/display"}
front=$(echo "$page" | cut -d/ -f1-3)
browser=$(command -v chromium || command -v chromium-browser) || {
    echo "There is no Chromium here: sudo apt install chromium" >&2
    exit 1
}

while true; do
    until curl --silent --output /dev/null --max-time 5 "$front/healthz"; do
        sleep 2
    done
    # After a power cut Chromium would offer to restore its pages. Nothing is asked of who only looks at a wall.
    "$browser" --kiosk --no-first-run --noerrdialogs --disable-session-crashed-bubble --hide-crash-restore-bubble \
        --disable-infobars --autoplay-policy=no-user-gesture-required --password-store=basic --ozone-platform-hint=auto \
        "$page"
    sleep 2
done
