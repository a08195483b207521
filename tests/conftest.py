"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: no example has a time limit.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("suite")
