"""The disk under the clinic: tells staff when nothing can be saved or room runs out, and tries again by itself."""

import shutil

from clinic.store import TROUBLES, Store
from upkeep import Upkeep

EVERY = 1.0
"""Seconds between two looks: while nothing can be saved, each tries whether it can be by now."""

LITTLE = 500_000_000
"""Bytes: with less room than that staff are told, while there is still time to make some."""

DAY = 24 * 3600.0

MEGABYTE = 1_000_000


def watch_over(store: Store, upkeep: Upkeep) -> None:
    """Look after the disk of this store from now on."""

    def look() -> None:
        if store.trouble:
            store.alive()
        # Once more, since that may have changed it.
        trouble = store.trouble
        upkeep.settled(*(TROUBLES - {trouble}))
        if trouble:
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

    def look_through() -> None:
        # Said here and not there: what writes the server's lines belongs to this engine's own threads.
        if damaged := upkeep.beside(store.look_through):
            store.is_damaged(damaged)

    upkeep.every(DAY, look_through)
    upkeep.every(60 * EVERY, look_for_room)
