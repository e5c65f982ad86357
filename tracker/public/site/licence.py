"""Under what terms the texts and numbers of the public site may be used."""

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
