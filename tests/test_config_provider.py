"""Settings of the identity provider: complete and safe, or refused at start in one clear line."""

import pytest

from tracker.config import Settings, SettingsError
from tracker.kernel.permissions import Role

SECRET = "a secret that is shown nowhere"
RIGHT = {
    "TRACKER_OIDC_ISSUER": "https://login.mfa.example.org/realms/staff",
    "TRACKER_OIDC_CLIENT_ID": "tracker",
    "TRACKER_OIDC_CLIENT_SECRET": SECRET,
    "TRACKER_OIDC_ROLES": "registrars=registrar; CN=IT,OU=Groups = administrator",
}


@pytest.fixture
def load(tmp_path):
    def loaded(**changed):
        environ = {"TRACKER_INSTANCE": str(tmp_path)} | RIGHT | changed
        return Settings.load({name: value for name, value in environ.items() if value is not None})

    return loaded


def test_a_provider_is_read_from_the_environment(load):
    found = load().provider
    assert found.issuer == RIGHT["TRACKER_OIDC_ISSUER"]
    assert (found.client_id, found.client_secret) == ("tracker", SECRET)
    assert found.roles == {
        "registrars": {Role.REGISTRAR},
        "CN=IT,OU=Groups": {Role.ADMINISTRATOR},
    }
    assert (found.role_claim, found.label, found.acr) == ("groups", "login.mfa.example.org", ())
    assert SECRET not in repr(load())


def test_what_may_be_set_besides(load, tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    found = load(
        TRACKER_OIDC_CLIENT_SECRET=None,
        TRACKER_OIDC_CLIENT_SECRET_FILE=str(file),
        TRACKER_OIDC_ROLE_CLAIM="realm_access.roles",
        TRACKER_OIDC_LABEL="Ministry account",
        TRACKER_OIDC_ACR="phr  phrh",
        TRACKER_OIDC_ROLES="staff=registrar;staff=coordinator;",
        TRACKER_LOCAL_ACCOUNTS="off",
    )
    assert found.provider.client_secret == SECRET
    assert found.provider.role_claim == "realm_access.roles"
    assert found.provider.label == "Ministry account"
    assert found.provider.acr == ("phr", "phrh")
    assert found.provider.roles == {"staff": {Role.REGISTRAR, Role.COORDINATOR}}
    assert not found.local_accounts


def test_without_any_there_is_none(load):
    found = load(**dict.fromkeys(RIGHT))
    assert found.provider is None
    assert found.local_accounts


@pytest.mark.parametrize("name", RIGHT)
def test_all_or_nothing(load, name):
    with pytest.raises(SettingsError, match="all or not at all") as refusal:
        load(**{name: None})
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.mfa.example.org",
        "login.mfa.example.org",
        "https://",
        "https://a.example/?realm=staff",
        "https://a.example/#staff",
        "https://user:password@a.example/",
        "ftp://127.0.0.1/",
        "https://[::1",
    ],
)
def test_an_issuer_is_reached_safely(load, issuer):
    with pytest.raises(SettingsError, match="TRACKER_OIDC_ISSUER must be"):
        load(TRACKER_OIDC_ISSUER=issuer)


def test_an_issuer_on_this_machine_needs_no_encryption(load):
    for issuer in ("http://127.0.0.1:8080", "http://localhost:8080/realms/staff"):
        assert load(TRACKER_OIDC_ISSUER=issuer).provider.issuer == issuer


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ("registrars", "is not value=role"),
        ("registrars=", "is not value=role"),
        ("=registrar", "is not value=role"),
        ("registrars=minister", "the roles are administrator"),
        ("guests=focal_point", "belongs to a delegation"),
        (" ; ;", "names no role"),
    ],
)
def test_roles_that_mean_nothing_are_refused(load, roles, words):
    with pytest.raises(SettingsError, match=words):
        load(TRACKER_OIDC_ROLES=roles)


def test_local_accounts_are_on_or_off_and_somebody_can_sign_in(load):
    with pytest.raises(SettingsError, match="is on or off"):
        load(TRACKER_LOCAL_ACCOUNTS="no")
    with pytest.raises(SettingsError, match="nobody could sign in"):
        load(**dict.fromkeys(RIGHT), TRACKER_LOCAL_ACCOUNTS="off")
