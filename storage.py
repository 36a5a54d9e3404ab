"""The disk under the clinic: tells staff when nothing can be saved or room runs out, and tries again by itself."""

import shutil

from clinic.store import TROUBLES, Store
from upkeep import Upkeep

EVERY = 1.0
"""Seconds between two looks: while nothing can be saved, each tries whether it can be by now."""

LITTLE = 500_000_000
"""Bytes: with less room than that staff are told, while there is still time to make some."""

MEGABYTE = 1_000_000


def watch_over(store: Store, upkeep: Upkeep) -> None:
    """Look after the disk of this store from now on."""

    def look() -> None:
        if store.trouble:
            store.alive()
        # Once more, since that may have changed it. Of a damaged file `safety` tells, with the backup to go back to.
        trouble = store.trouble
        upkeep.settled(*(TROUBLES - {trouble}))
        if trouble and trouble != "damaged":
            upkeep.alarm(trouble)
        if trouble == "full":
            upkeep.settled("little_room")  # it says the same, and less

    def look_for_room() -> None:
        free = shutil.disk_usage(store.folder).free
        if free < LITTLE and store.trouble != "full":
            upkeep.alarm("little_room", left=free // MEGABYTE)
        else:
            upkeep.settled("little_room")

    upkeep.every(EVERY, look)

    upkeep.every(60 * EVERY, look_for_room)
