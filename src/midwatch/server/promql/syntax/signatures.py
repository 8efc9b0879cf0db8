"""Every function's name, argument types and result type."""

from midwatch.server.promql.syntax.ast import Signature, ValueType

_S, _V, _M, _T = ValueType.SCALAR, ValueType.VECTOR, ValueType.MATRIX, ValueType.STRING


def _all(names: str, arguments: tuple[ValueType, ...], returns: ValueType = _V, variadic: int = 0) -> list[Signature]:
    """One signature for many names; a name with `?` is experimental."""
    return [
        Signature(name.rstrip("?"), arguments, returns, variadic, experimental=name.endswith("?"))
        for name in names.split()
    ]


_SIGNATURES = [
    *_all("abs absent ceil floor exp sqrt ln log2 log10 deg rad sgn sort sort_desc timestamp start_timestamp?", (_V,)),
    *_all("sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh", (_V,)),
    *_all("histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar", (_V,)),
    *_all("absent_over_time avg_over_time count_over_time first_over_time last_over_time mad_over_time?", (_M,)),
    *_all("max_over_time min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time", (_M,)),
    *_all("ts_of_first_over_time? ts_of_last_over_time? ts_of_max_over_time? ts_of_min_over_time?", (_M,)),
    *_all("changes delta deriv idelta increase irate rate resets", (_M,)),
    *_all("days_in_month day_of_month day_of_week day_of_year hour minute month year", (_V,), variadic=1),
    *_all("pi time end? range? start? step?", (), _S),
    *_all("max_of? min_of?", (_S, _S), _S),
    *_all("scalar", (_V,), _S),
    *_all("vector", (_S,)),
    *_all("clamp", (_V, _S, _S)),
    *_all("clamp_max clamp_min", (_V, _S)),
    *_all("round", (_V, _S), variadic=1),
    *_all("histogram_fraction", (_S, _S, _V)),
    *_all("histogram_quantile", (_S, _V)),
    *_all("histogram_quantiles?", (_V, _T, _S, _S), variadic=9),
    *_all("double_exponential_smoothing?", (_M, _S, _S)),
    *_all("predict_linear", (_M, _S)),
    *_all("quantile_over_time", (_S, _M)),
    *_all("info?", (_V, _V), variadic=1),
    *_all("label_replace", (_V, _T, _T, _T, _T)),
    *_all("label_join", (_V, _T, _T, _T), variadic=-1),
    *_all("sort_by_label? sort_by_label_desc?", (_V, _T), variadic=-1),
]
FUNCTIONS = {signature.name: signature for signature in _SIGNATURES}
