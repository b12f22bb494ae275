"""Settings for signing in: accounts, codes, passwords, passkeys and rate limits.

Settings that depend on demo or HTTPS stand in config/settings.py.
"""

from config.environment import env

AUTH_USER_MODEL = "patients.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "patients.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone*", "password1*"]  # checked by allauth; sign-up itself is closed
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are typed in by the clinic, and proved by the code sent there
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
# patients.sign_in.limits counts codes and guesses. The limits here are never by account alone, because a
# stranger could use up another person's limit.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "",
    "request_login_code": "5/m/ip",
    "reset_password": "5/m/ip,20/h/ip",
}
MFA_ADAPTER = "patients.sign_in.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "patients.forms.second_factor.CountedFactor",
    "reauthenticate": "patients.forms.second_factor.CountedFactorAgain",
    "login_webauthn": "patients.forms.passkey.PasskeyLogin",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
# We make the recovery codes ourselves (patients.sign_in.recovery_codes): the library could show them again.
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# There is no sign-up: a manager typed the address, and the link that sets the password went there.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Kypho Recovery"
PASSWORD_HASHERS = ["config.hashing.OneAtATimeHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "patients.sign_in.passwords.HardToGuess"},
]
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
