"""How property tests are run: without timing asserts; with many more examples in `make soak`."""

from hypothesis import HealthCheck, settings

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("here"), max_examples=5_000)
settings.load_profile("here")
