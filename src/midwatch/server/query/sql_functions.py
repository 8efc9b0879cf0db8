"""Functions that users' SQL may call, in lower case: what reads, compares, counts and formats; nothing that reaches out.

Names are the engine's and those that the parser has for them (`argMax` is read as `arg_max`).
"""

_NAMES = """
abs accurate_cast and any any_value anyheavy anyif anylast approx_distinct approxdistinct arg_max arg_min argmax argmaxif argmin
argminif array array_agg array_all array_any array_concat array_contains array_distinct array_first array_join array_last
array_length array_max array_min array_reverse array_size array_slice array_sort array_sum array_to_string array_unique_agg
arrayall arrayavg arrayconcat arraycount arraydistinct arrayelement arrayenumerate arrayexists arrayfilter arrayfirst
arrayflatten arrayjoin arraymap arraymax arraymin arrayreverse arrayslice arraysort arraystringconcat arraysum arraytostring
arrayuniq arrayzip avg avgif avgweighted bar between bit_and bitand bitor bitxor case cast ceil ceiling city_hash64 cityhash64
coalesce concat concat_ws contains corr count count_if countdistinct countif covarpop covarsamp current_date current_timestamp
cutquerystring date date_add date_diff date_sub date_trunc datediff datetime_trunc datetrunc day day_of_month day_of_week
day_of_year dayofmonth dayofweek dayofyear deltasum dense_rank divide domain element_at empty ends_with endswith entropy equals
exp explode extract extractall finalizeaggregation first first_value floor formatdatetime formatreadablequantity
formatreadablesize formatreadabletimedelta fromunixtimestamp fromunixtimestamp64milli fromunixtimestamp64nano greater greatest
group_concat grouparray grouparrayif grouping groupuniqarray groupuniqarrayif has hasall hasalltokens hasany hasanytokens
hastoken hex histogram histogramif hour if ifnull ilike in indexof initcap intdiv is_inf is_nan isfinite isinfinite isnan
json_extract json_extract_scalar jsonextract jsonextractbool jsonextractfloat jsonextractint jsonextractkeys jsonextractraw
jsonextractstring jsonhas jsonlength kurtpop kurtsamp lag laginframe last last_value lead leadinframe least left leftpad length
like ln locate log log10 log2 logical_and logical_or lower lowerutf8 lpad ltrim map map_from_arrays mapapply mapcontains
mapfilter mapkeys mapvalues match max maxif median medianexact min minif minus minute mod modulo month multiif multiply negate
neighbor not notempty notequals now now64 nullif or pad parsedatetime64besteffort parsedatetimebesteffort
parsedatetimebesteffortornull path plus position positioncaseinsensitive pow power quantile quantile_if quantiledeterministic
quantileexact quantileexactif quantileif quantiles quantilesif quantilestdigest quantilestdigestweighted
quantilestdigestweightedmerge quantilestiming quantiletdigest quantiletdigestweighted quantiletiming quarter rank regexp_extract
regexp_like regexp_replace repeat replace replaceall replaceone replaceregexpall replaceregexpone retention reverse right round
row_number rpad rtrim runningdifference second sequencecount sequencematch sign simplelinearregression skewpop skewsamp sparkbar
split splitbychar splitbystring sqrt startofday starts_with startswith stddev stddev_pop stddev_samp stddevpop stddevsamp
str_position str_to_unix strposition struct substr substring substringutf8 subtractdays subtracthours subtractminutes sum sum_if
sumif summap time_to_str timeslot timeslots timestamp timestamp_add timestamp_diff timestamp_sub timestamp_trunc timestampadd
timestampdiff timestamptrunc to_char to_date to_days todate todate32 todatetime todatetime64 todecimal64 tofloat32 tofloat64
tofloat64ornull tofloat64orzero tohour toint32 toint64 toint64ornull toint64orzero tointervalday tointervalhour tointervalminute
tointervalsecond tolowcardinality tominute tomonday tomonth topk topkif tosecond tostartofday tostartoffifteenminutes
tostartoffiveminute tostartoffiveminutes tostartofhour tostartofinterval tostartofminute tostartofmonth tostartoftenminutes
tostartofweek tostring totypename touint32 touint64 touint8 tounixtimestamp tounixtimestamp64milli tounixtimestamp64nano toyear
toyyyymm toyyyymmdd transform trim trunc tuple tupleelement typeof unhex uniq uniqcombined uniqexact uniqexactif uniqhll12
uniqif unix_to_time upper upperutf8 utc_timestamp var_map variance variance_pop varpop varsamp week week_of_year weekofyear
windowfunnel xor xxhash64 year zipmap
"""
FUNCTIONS = frozenset(_NAMES.split())
