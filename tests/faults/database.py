"""A PostgreSQL server that is killed and comes back."""

import random

from tests.factories.postgresql import Server, commands_of, kill


class Database(Server):
    """One server of our own, which takes care of what it was given."""

    def crash(self, chance: random.Random) -> None:
        """`kill -9`: one connection's process, which the server answers by starting anew, or all
        of them, as when the machine fails."""
        commands = commands_of(self.processes)
        backends = [each for each, command in commands.items() if "postgres: postgres" in command]
        if backends and chance.random() < 0.5:
            kill(chance.choice(backends))
            return
        self.kill()
