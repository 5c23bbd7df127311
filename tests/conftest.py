"""How property tests are run: without timing asserts; with many more examples in `make soak`. Compiled code
is kept between runs where the package keeps it."""

from hypothesis import HealthCheck, settings

from millpond.compiled import use_compiled_cache

use_compiled_cache()  # before anything imports numba

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("here"), max_examples=5_000)
settings.load_profile("here")
