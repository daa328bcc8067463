"""Django's settings. A department configures itself through its policy and `PLATEKEEPER_HOME`, not here."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from xstatic.pkg import leaflet

from platekeeper.server.config.identity import HAS_SAML, identity
from platekeeper.server.config.mail import mail
from platekeeper.server.config.tiles import tile_sources
from platekeeper.server.gateways.logs import logging_of
from platekeeper.server.storage.databases import records_database
from platekeeper.server.storage.home import home
from platekeeper.server.storage.roles.grants import READS

HOME = home()
DEMO = HOME.is_demo
PAGES_ONLY = bool(os.environ.get("PLATEKEEPER_PAGES_ONLY"))  # another machine receives (`serve --pages-only`)
DEBUG = False
if not (_most := os.environ.get("PLATEKEEPER_READS_A_MINUTE") or "60000").isdecimal() or int(_most) < 1:
    raise ValueError(f"PLATEKEEPER_READS_A_MINUTE must be a whole number like 60000, 1 or more, and not {_most}.")
READS_A_MINUTE = int(_most)  # of one LPR
BACKUP_FOLDERS = [Path(each) for each in os.environ.get("PLATEKEEPER_BACKUPS", "").split(os.pathsep) if each]

SECRET_KEY = HOME.secret("django")
READ_ID_KEY = HOME.secret("reads").encode()

BEHIND_TLS = os.environ.get("PLATEKEEPER_TLS", "") == "1"
ALLOWED_HOSTS = [name for name in os.environ.get("PLATEKEEPER_HOSTS", "127.0.0.1,localhost").split(",") if name]
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in ALLOWED_HOSTS] if BEHIND_TLS else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_TLS)  # whose word on where somebody comes from is taken
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
if BEHIND_TLS:  # a name that browsers keep from other hosts, and from being set without TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    WORKSTATION_COOKIE, LANGUAGE_COOKIE_NAME = "__Host-workstation", "__Host-language"
else:
    WORKSTATION_COOKIE, LANGUAGE_COOKIE_NAME = "workstation", "language"

IDENTITY = identity(HOME.identity)

INSTALLED_APPS = [
    "platekeeper.server.ledger",
    "platekeeper.server.personnel",
    "platekeeper.server.policy",
    "platekeeper.server.equipment",
    "platekeeper.server.reads",
    "platekeeper.server.hotlist",
    "platekeeper.server.hits",
    "platekeeper.server.userlog",
    "platekeeper.server.deployments",
    "platekeeper.server.casefiles",
    "platekeeper.server.querylog",
    "platekeeper.server.stakeouts",
    "platekeeper.server.sharing",
    "platekeeper.server.partners",
    "platekeeper.server.retention",
    "platekeeper.server.oversight",
    "platekeeper.server.jobs",
    "platekeeper.server.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *(["allauth.socialaccount.providers.saml"] if HAS_SAML else []),
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "platekeeper.server.api.watched.Watched",
    "platekeeper.server.api.first.LprRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "platekeeper.server.web.middleware.Polls",
    "platekeeper.server.web.middleware.Sittings",
    "platekeeper.server.web.middleware.SessionLimits",
    "platekeeper.server.web.middleware.FirstPassword",
    "platekeeper.server.web.second_factor.SecondFactor",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "platekeeper.server.web.middleware.DepartmentZone",
    "platekeeper.server.web.bodies.Bodies",
    "django.middleware.csrf.CsrfViewMiddleware",  # reads what was sent: of pages for members, after it is seen that one asks
    "platekeeper.server.web.middleware.Saved",
    "platekeeper.server.web.middleware.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "platekeeper.server.config.urls"
WSGI_APPLICATION = "platekeeper.server.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "platekeeper.server.web.language.Pages",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [f"platekeeper.server.web.templatetags.{each}" for each in ("clauses", "language")],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "platekeeper.server.web.context.department",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # what a form says is said by these templates, too

DATABASES = {"default": records_database(HOME, os.environ.get("PLATEKEEPER_DATABASE_URL", ""))}
LPR_SCHEMA = READS  # where PostgreSQL keeps the reads, apart from the records
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

globals().update(mail(os.environ))  # EMAIL_HOST and its like, DEFAULT_FROM_EMAIL

AUTH_USER_MODEL = "personnel.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # FIPS-safe (limits: passwords)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "platekeeper.server.web.account.NotOfWordsNearby"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "platekeeper.server.web.account.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_FORMS = {
    "login": "platekeeper.server.web.forms.account.LoginForm",
    "change_password": "platekeeper.server.web.forms.account.ChangePasswordForm",
}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # django-axes counts failures, per account, and keeps count
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SECOND_FACTOR = not DEMO  # IA-2: every account has one; the demo's people share a public password
MFA_ADAPTER = "platekeeper.server.web.second_factor.Adapter"
MFA_FORMS = {
    "authenticate": "platekeeper.server.web.second_factor.CodeForm",
    "reauthenticate": "platekeeper.server.web.second_factor.CodeAgainForm",
    "add_webauthn": "platekeeper.server.web.forms.passkeys.Adding",
    "login_webauthn": "platekeeper.server.web.forms.passkeys.Alone",
    "authenticate_webauthn": "platekeeper.server.web.forms.passkeys.Second",
    "reauthenticate_webauthn": "platekeeper.server.web.forms.passkeys.Again",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}  # as passwords: at the turn of a shift a whole station signs in
MFA_TOTP_ISSUER = "Platekeeper"
MFA_TOTP_TOLERANCE = 1  # periods before and after: typing takes time, and telephones go wrong by seconds
MFA_PASSKEY_LOGIN_ENABLED = True  # one that asks for a PIN or a finger is two factors
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "platekeeper.server.web.identity.Adapter"
SOCIALACCOUNT_PROVIDERS = IDENTITY.providers
USERSESSIONS_TRACK_ACTIVITY = True

AXES_FAILURE_LIMIT = 5  # AC-7: five failures in fifteen minutes, released by an administrator
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_COOLOFF_TIME = None  # `procedures.sign_in` says when a lock ends by itself
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "platekeeper.server.web.account.Failures"
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "oldpassword", "password1", "password2", "code", "credential",
]  # fmt: skip
AXES_USERNAME_CALLABLE = "platekeeper.server.web.account.login_name"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # the ledger has who signed in
AXES_ENABLE_ADMIN = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # AC-12: absolute
SESSION_IDLE = timedelta(minutes=15)  # AC-11: idle
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *tile_sources(os.environ.get("PLATEKEEPER_MAP_TILES", ""))],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *IDENTITY.origins],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English"), ("es", "Español")]  # each in its own, for those who look for theirs
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
FORMAT_MODULE_PATH = "platekeeper.server.config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # inside; web.middleware.DepartmentZone activates the department's own for people

STATIC_URL = "static/"
STATIC_ROOT = None  # whitenoise serves them out of the packages
# Maps show the LPRs alone, unless the department names an archive of map tiles, or a source such as its own server.
MAP_TILES = os.environ.get("PLATEKEEPER_MAP_TILES", "")
MAP_CREDIT = os.environ.get("PLATEKEEPER_MAP_CREDIT", "")
MAP_FILE = Path(os.environ["PLATEKEEPER_MAP_FILE"]) if os.environ.get("PLATEKEEPER_MAP_FILE") else None
STATICFILES_DIRS = [("leaflet", leaflet.BASE_DIR)]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

LONG_JOBS = "long"
"""The queue of jobs that may take days, worked off by a process of its own (decision 44)."""
_A_YEAR = int(timedelta(days=365).total_seconds())
Q_CLUSTER = {
    "name": "platekeeper",
    "orm": "default",
    "workers": 1,
    "poll": 1,
    "timeout": 3600,
    "retry": 3700,
    "max_attempts": 1,
    "catch_up": False,
    "save_limit_per": "group",  # of each job: those of every minute would leave a rare one without any
    "save_limit": 20,
    "label": "Platekeeper",
    "ALT_CLUSTERS": {LONG_JOBS: {"timeout": _A_YEAR, "retry": _A_YEAR}},  # django-q2 warns of no limit at all
}

LOGGING = logging_of(os.environ.get("PLATEKEEPER_LOG", ""))
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # the account is locked, wherever the guesses come from (AC-7)
