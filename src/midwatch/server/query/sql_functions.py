"""Functions that users' SQL may call, in lower case: what reads, compares, counts and formats; nothing that reaches out."""

_NAMES = """
abs accurate_cast any anyheavy anylast approx_distinct approxdistinct argmax argmin array array_agg array_all array_any
array_concat array_contains array_first array_join array_last array_length array_size array_sort array_sum array_to_string
array_unique_agg arrayall arrayavg arrayconcat arraycount arraydistinct arrayelement arrayenumerate arrayexists arrayfilter
arrayfirst arrayflatten arrayjoin arraymap arraymax arraymin arrayreverse arrayslice arraysort arraystringconcat arraysum
arrayuniq arrayzip arraytostring avg avgif between bitand bitor bitxor bit_and case cast ceil ceiling coalesce concat concat_ws
contains corr count countif count_if covarpop covarsamp current_date current_timestamp date date_add date_diff date_sub
date_trunc datediff datetime_trunc datetrunc day dayofmonth dayofweek dayofyear day_of_month day_of_week day_of_year divide
element_at empty endswith ends_with equals exp explode extract extractall finalizeaggregation first first_value floor
formatdatetime formatreadablequantity formatreadablesize formatreadabletimedelta fromunixtimestamp fromunixtimestamp64milli
fromunixtimestamp64nano greatest greater grouparray groupuniqarray group_concat grouping has hasall hasalltokens hasany
hasanytokens hastoken hex histogram hour if ifnull ilike in indexof initcap intdiv is_inf is_nan isnan isfinite isinfinite
json_extract json_extract_scalar jsonextract jsonextractbool jsonextractfloat jsonextractint jsonextractkeys jsonextractraw
jsonextractstring jsonhas jsonlength last last_value lag lead least left length like ln locate log log10 log2 logical_and
logical_or lower lowerutf8 ltrim map map_from_arrays mapcontains mapkeys mapvalues mapfilter mapapply match max maxif median min
minif minus minute mod modulo month multiif multiply negate not notempty notequals now now64 nullif or and xor plus position
positioncaseinsensitive pow power quantile quantiledeterministic quantileexact quantiles quantilesif quantiletdigest
quantiletdigestweighted quantilestdigest quantilestdigestweighted quantilestdigestweightedmerge quantilestiming quantiletiming
quantile_if quarter rank dense_rank row_number regexp_extract regexp_like regexp_replace repeat replace replaceall replaceone
replaceregexpall replaceregexpone reverse right round rtrim second sign split splitbychar splitbystring sqrt startofday startswith
starts_with stddev stddevpop stddevsamp stddev_pop stddev_samp str_position strposition str_to_unix struct substr substring
substringutf8 sum sumif sum_if sqrt subtractdays subtracthours subtractminutes time_to_str timestamp timestamp_add timestamp_diff
timestamp_sub timestamp_trunc timestampadd timestampdiff timestamptrunc to_char todate todate32 todatetime todatetime64 todecimal64
tofloat32 tofloat64 tofloat64ornull tofloat64orzero tohour toint32 toint64 toint64ornull toint64orzero tointervalday tointervalhour
tointervalminute tointervalsecond tominute tomonday tomonth tosecond tostartofday tostartoffifteenminutes tostartoffiveminute
tostartoffiveminutes tostartofhour tostartofinterval tostartofminute tostartofmonth tostartoftenminutes tostartofweek tostring
touint32 touint64 touint8 tounixtimestamp tounixtimestamp64milli tounixtimestamp64nano toyear toyyyymm toyyyymmdd to_date to_days
topk transform trim trunc tuple tupleelement typeof totypename unhex uniq uniqcombined uniqexact uniqif uniqhll12 unix_to_time
upper upperutf8 utc_timestamp variance var_map varpop varsamp variance_pop week weekofyear week_of_year year zipmap anyif
"""
FUNCTIONS = frozenset(_NAMES.split())
