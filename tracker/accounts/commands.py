"""`tracker user`: accounts from the command line."""

import secrets

import click

from tracker.accounts import operations, queries
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

users = click.Group("user", help="Accounts.")
ROLE = click.Choice([role.value for role in Role])


@users.command("create")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", type=ROLE, multiple=True, required=True)
@click.option("--password", help="Left out: one is generated and printed once.")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]))
def create(
    email: str, name: str, roles: tuple[str, ...], password: str | None, language: str | None
) -> None:
    """Create the account EMAIL."""
    shown = password or secrets.token_urlsafe(12)
    with unit_of_work(SYSTEM):
        user = operations.create_user(
            actor=SYSTEM,
            email=email,
            name=name,
            roles=[Role(role) for role in roles],
            password=shown,
            language=language,
        )
        email = user.email
    click.echo(f"Created {email}.")
    if not password:
        click.echo(f"Password (shown once): {shown}")


@users.command("role")
@click.argument("email")
@click.argument("roles", type=ROLE, nargs=-1, required=True)
def role(email: str, roles: tuple[str, ...]) -> None:
    """Give the account EMAIL exactly these ROLES."""
    with unit_of_work(SYSTEM):
        user = queries.user_by_email(email)
        operations.change_roles(actor=SYSTEM, user=user, roles=[Role(name) for name in roles])
    click.echo(f"{email} is now: {', '.join(roles)}.")


@users.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Disable the account EMAIL; its sessions end at once."""
    with unit_of_work(SYSTEM):
        operations.set_active(actor=SYSTEM, user=queries.user_by_email(email), active=False)
    click.echo(f"{email} is disabled.")


@users.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Enable the account EMAIL again."""
    with unit_of_work(SYSTEM):
        operations.set_active(actor=SYSTEM, user=queries.user_by_email(email), active=True)
    click.echo(f"{email} is enabled.")


@users.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Give the account EMAIL a new password and print it once."""
    with unit_of_work(SYSTEM):
        user = queries.user_by_email(email)
        shown = operations.reset_password(user=user)
    click.echo(f"Password (shown once): {shown}")


@users.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print the path that signs in the account EMAIL once, within fifteen minutes.

    The way in where the identity provider does not answer and local accounts are switched off.
    """
    with unit_of_work(SYSTEM):
        user = queries.user_by_email(email)
        secret = operations.make_entry(actor=SYSTEM, user=user)
    click.echo(f"Open this path on the address of the installation: /account/link/{secret}")


@users.command("sign-out")
@click.argument("email", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every account.")
def sign_out(email: str | None, is_all: bool) -> None:
    """End every session of the account EMAIL, or of all accounts."""
    if bool(email) == is_all:
        raise click.UsageError("Give one address, or --all.")
    with unit_of_work(SYSTEM):
        found = [queries.user_by_email(email)] if email else queries.all_users()
        for user in found:
            operations.end_sessions(actor=SYSTEM, user=user)
        count = len(found)
    click.echo(f"{email or f'{count} accounts'}: signed out everywhere.")


@users.command("list")
def list_users() -> None:
    """One line an account: address, roles, whether it is active."""
    for row in db.session.execute(queries.users().order_by("email")).all():
        user = row[0]
        state = "active" if user.active else "disabled"
        click.echo(f"{user.email}\t{','.join(role.name for role in user.roles)}\t{state}")
