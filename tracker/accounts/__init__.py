"""Users, roles, sign-in and second factors."""
