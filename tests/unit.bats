# The base of the library against figures computed elsewhere (golden/), through the small programs
# of unit/. Each field is also tampered with, so that one which nobody compares would be noticed.
# At the end what no program can be brought to at a given moment: a store that fails, time that passes.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/.."
    unit="$(realpath "${B:-build}")/unit"
    golden="$BATS_TEST_DIRNAME/golden"
    cd "$BATS_TEST_TMPDIR"
}

# tampered PROGRAM FILE LINE SED ...: of that line as it stands, and then as each SED spoils it, the program must blame
# each that is spoilt, and not the first.
tampered() {
    local spoil
    sed -n "$3p" "$golden/$2" > line
    cp line tampered.jsonl
    for spoil in "${@:4}"; do
        sed "$spoil" line >> tampered.jsonl
    done
    run --separate-stderr "$unit/$1" < tampered.jsonl
    [ "$status" -eq 1 ]
    [[ "$stderr" != *"no JSON object"* ]]
    diff <(seq -f 'line %g' 2 $(($# - 2))) <(grep -o '^line [0-9]*' <<< "$stderr" | uniq)
}

# tampered_fields PROGRAM FILE LINE FIELD ...: a 9 is put before the number of each field, or the first of its numbers.
tampered_fields() {
    local field spoils=()
    for field in "${@:4}"; do
        spoils+=("s/\"$field\": \[*-*/&9/")
    done
    tampered "${@:1:3}" "${spoils[@]}"
}

@test "random numbers are CPython's" {
    run "$unit/rng" < "$golden/rng.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "samples are CPython's, from a pool and from a set, for seeds of 64 bits" {
    run "$unit/rng" < "$golden/rng-sample.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "a wrong random number is found" {
    tampered_fields rng rng.jsonl 5 shuffle sample4 randint_1_n random getrandbits_1_5_31_32_33_64
    tampered rng rng.jsonl 5 's/\[false/[true/' 's/082\]}$/083]}/'
    tampered_fields rng rng-sample.jsonl 4 sample
    tampered rng rng-sample.jsonl 13 's/54775808/54775807/'
}

@test "intervals and tests are scipy's" {
    run "$unit/stats" < "$golden/stats.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "a wrong interval or test is found" {
    tampered_fields stats stats.jsonl 4 mean low_mean high_mean wilson clopper_pearson binom_two_sided_p_vs_half
    tampered stats stats.jsonl 8 's/"exact_p": 0.0/&1/'
}

@test "the permutation test counts every sign pattern, those that are as far as what was seen too" {
    # by whole numbers: the differences times 9009; 5,248 of the 1,048,576 sums are just as far from 0
    run "$unit/stats" <<'END'
{"paired_a": [-0.6666666666666666, -0.42857142857142855, 0.8571428571428571, 0.0, 0.0, -1.0, 0.3333333333333333, 0.4444444444444444, 0.2727272727272727, 1.0, 0.6666666666666666, -0.7777777777777778, 0.1111111111111111, 0.42857142857142855, 0.38461538461538464, 0.0, 0.0, -0.6666666666666666, -0.6666666666666666, 0.6666666666666666], "paired_b": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "mean_diff": 0.04794649794649794, "permutation_p": 0.7135009765625}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "intervals of nothing, of none, of all and of a million" {
    run "$unit/stats" <<'END'
{"successes": 0, "n": 0, "bootstrap_basic": {"low_mean": null, "high_mean": null}, "wilson": [null, null], "clopper_pearson": [null, null]}
{"values": [], "mean": null, "bootstrap_basic": {"low_mean": null, "high_mean": null}}
{"successes": 0, "n": 1000, "bootstrap_basic": {"low_mean": 0, "low_sd": 0, "high_mean": 0, "high_sd": 0}}
{"successes": 0, "n": 10, "wilson": [0, 0.2775327998628892], "clopper_pearson": [0, 0.3084971078187608]}
{"successes": 10, "n": 10, "wilson": [0.7224672001371108, 1], "clopper_pearson": [0.6915028921812392, 1]}
{"successes": 1000, "n": 1000, "bootstrap_basic": {"low_mean": 1, "low_sd": 0, "high_mean": 1, "high_sd": 0}}
{"values": [1, 1, 1, 1, 1], "mean": 1, "bootstrap_basic": {"low_mean": 1, "low_sd": 0, "high_mean": 1, "high_sd": 0}}
{"successes": 630000, "n": 1000000, "bootstrap_basic": {"low_mean": 0.629054, "low_sd": 0.000013, "high_mean": 0.630947, "high_sd": 0.000013}}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "strengths of Bradley and Terry, and their intervals, are scipy's" {
    run "$unit/bradley_terry" < "$golden/bradley-terry.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "and where all are won, tied, in a ring or in two parts that never met" {
    run "$unit/bradley_terry" < "$golden/figures/bradley-terry.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "strengths that can be reckoned by hand: 25 to 5 and 6 draws with the average are ln 2 each way" {
    # p = 4/5 and 2/3: 30 * 4/5 + 6 * 2/3 = 25 + 6/2; the variance is 1 / (2 (2 * 4.8 + 6 * 2/9))
    run "$unit/bradley_terry" <<'END'
{"wins": [[0, 25], [5, 0]], "prior": 6, "score": [0.6931471805599453, -0.6931471805599453], "low": [0.27400941029988773, -1.1122849508200028], "high": [1.1122849508200028, -0.27400941029988773]}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "a wrong strength is found" {
    tampered_fields bradley_terry bradley-terry.jsonl 6 score low high
    tampered bradley_terry bradley-terry.jsonl 4 's/"prior": 0.1/"prior": 0.2/'
}

@test "the best of eight: a second order gains nothing, asking where the model is in doubt does" {
    run "$unit/best_of" 8 2 0.5 100 1
    [ "$status" -eq 0 ]
    jq -es 'map(.calls) == [7, 14, 14, 28]
        and (.[0].found - .[1].found | fabs) < 0.06 and .[2].found > .[1].found + 0.02 and .[3].found >= .[2].found
        and all(.[]; .chance < .found + 0.05 and .chance > .found - 0.25)' <<< "$output"
    # a judge that goes by the place alone: no more than what chance finds, and it says so; the mean of so few worlds is sure to 0.03
    run "$unit/best_of" 8 0 3 25 1
    jq -es 'length == 4 and all(.[]; .chance < 0.4)' <<< "$output"
}

@test "a winner that was chosen for its luck: its score says 97, its estimate about what it is worth" {
    run "$unit/search_worth" 4 0.405 0 0 80 200 1 # every set is right in 60%
    [ "$status" -eq 0 ]
    jq -e '.worth == 60 and .score > 94 and .estimate < 70 and .covered >= 0.93 and .told_wrongly <= 0.025' <<< "$output"
    # pairs that are hard for every set, sets that differ, a judge that is mostly right, and stop-at never
    for world in "10 0 0.3 3 80" "10 0.405 0.6 1 101" "4 1.4 0.3 3 80" "20 0.405 0.3 0 101"; do
        # shellcheck disable=SC2086 # words
        run "$unit/search_worth" $world 200 1
        [ "$status" -eq 0 ]
        jq -e '.covered >= 0.93 and .error < .score_error and .told_wrongly <= 0.025' <<< "$output" || { echo "$world $output"; false; }
    done
}

@test "the search is told from none where examples help much, and hardly ever where they do not" {
    run "$unit/search_worth" 40 0 1.5 0 101 100 1
    jq -e '.told > 0.3 and .told_wrongly <= 0.02' <<< "$output"
    run "$unit/search_worth" 20 0.405 0 1 101 200 1
    jq -e '.told <= 0.025' <<< "$output"
}

@test "the power of a t test, and the users it needs, are statsmodels'" {
    run "$unit/power" < "$golden/figures/power.jsonl"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "a wrong power is found" {
    tampered_fields power figures/power.jsonl 3 sd_user_mean users_80 users_80_ceil mde_80_of_20_users power_of_20_users
}

@test "noncentral t is scipy's, also where a series would underflow; spreads are those of an analysis of variance" {
    run "$unit/power" <<'END'
{"t": 2.1, "df": 19, "shift": 1.5, "above": 0.2940105203713094}
{"t": 12.7, "df": 1, "shift": 5, "above": 0.3053008191234823}
{"t": 60, "df": 1, "shift": 100, "above": 0.904373241934911}
{"t": 0.5, "df": 200, "shift": 3, "above": 0.9937875966132707}
{"t": 2, "df": 10000, "shift": -1, "above": 0.001351449617110076}
{"users": [[0, 0, 0.5], [1, -1], [-1, 1, 1, -0.5]], "between": 0, "within": 0.9446486707295528}
{"users": [[0, 1], [1, 1], [0, 0]], "between": 0.408248290463863, "within": 0.408248290463863}
{"users": [[0], [1]], "between": null, "within": null}
{"users": [[0, 1]], "between": null, "within": null}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "users' shrunk accuracies, p values adjusted for their number, and a test that one may look at are scipy's" {
    for file in shrinkage multiplicity always-valid; do
        run "$unit/users" < "$golden/figures/$file.jsonl"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "a wrong figure of a user is found" {
    tampered_fields users figures/shrinkage.jsonl 2 grid_posterior_mean grid_low grid_high grid_p_above_half
    tampered_fields users figures/multiplicity.jsonl 2 bh
    tampered_fields users figures/always-valid.jsonl 1 e anytime_p
}

@test "how few pairs of a user can show anything: 9 of 10, 6 of 6, and of 5 none" {
    run "$unit/users" <<'END'
{"n": 10, "level": 0.05, "least": 9}
{"n": 10, "level": 0.001, "least": 0}
{"n": 5, "level": 0.05, "least": 0}
{"n": 6, "level": 0.05, "least": 6}
{"n": 0, "level": 0.05, "least": 0}
{"n": 100, "level": 0.05, "least": 61}
{"n": 2000, "level": 0.05, "least": 1045}
{"n": 1000000, "level": 0.05, "least": 500981}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "who stops at will is wrong in 5% at most by betting, and in 20% and more by t tests" {
    run "$unit/users" <<'END'
{"looks": 20, "at_most": 0.05, "t_at_least": 0.1}
{"looks": 100, "at_most": 0.05, "t_at_least": 0.2}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "shrunk accuracies are less than half as far from the truth at 4 pairs, and their intervals hold" {
    run "$unit/users" <<'END'
{"trials": 4, "error": 0.107, "plain_error": 0.23}
{"trials": 20, "error": 0.09, "plain_error": 0.1}
END
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "figures of users as clusters, of differences, ranks, places and probabilities are scipy's, statsmodels' and scikit-learn's" {
    for name in cluster-accuracy paired-difference wilcoxon-ties multiplicity position calibration; do
        run "$unit/figures" < "$golden/figures/$name.jsonl"
        [ "$status" -eq 0 ] || { echo "$name: $output"; false; }
        [ -z "$output" ]
    done
}

@test "a wrong one of these figures is found" {
    tampered_fields figures figures/cluster-accuracy.jsonl 2 accuracy macro macro_t_low macro_t_high se_cr0_miller2024 se_cr1 se_cr2 df_bell_mccaffrey deff t_low t_high cr2_low cr2_high korn_graubard_low korn_graubard_high
    tampered_fields figures figures/paired-difference.jsonl 2 difference se_cr1 t_p t_low t_high sign_flip_p_user_means sign_flip_p_sums wilcoxon_exact_p
    tampered_fields figures figures/wilcoxon-ties.jsonl 4 p_exact
    tampered_fields figures figures/multiplicity.jsonl 1 holm
    tampered_fields figures figures/position.jsonl 1 lean_p_exact lean kappa_of_orders
    tampered_fields figures figures/calibration.jsonl 1 brier reliability resolution uncertainty ece
}

@test "intervals cover what they should, and tests reject what is true as rarely as they say" {
    [[ $B != *asan* ]] || skip "too slow under sanitizers"
    "$unit/coverage" 500 quick > table
    # Shares of 500 are within three of their standard errors, those of fewer within as many more.
    awk -F '\t' '
        function off(column, low, high) {
            if (column in name && $column != "-" && ($column < low || $column > high)) {
                print $1, $2, $3 ": " name[column] " " $column
                bad = 1
            }
        }
        NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
        {
            for (i = 5; i <= 9; i++) off(i, 0.93 - 0.034, 0.97 + 0.023)
            for (i = 13; i <= 18; i++) off(i, 0, i == 14 || i == 18 ? 0.06 + 0.106 : 0.06 + 0.032)
        }
        END { exit bad || NR < 10 }' table
}

@test "no vectors is a failure, and so is a line that is no object" {
    for program in rng stats figures bradley_terry power users; do
        run "$unit/$program" < /dev/null
        [ "$status" -eq 1 ]
        [ "$output" = "nothing to compare" ]
        run "$unit/$program" <<< '[1, 2'
        [ "$status" -eq 1 ]
        [ "${lines[0]}" = "line 1: no JSON object" ]
    done
}

@test "texts of options are texts in their manual page too, whatever they hold" {
    run "$unit/opt"
    [ "$status" -eq 0 ]
    # the only lines that begin with a control character are the list's own
    [ "$(grep -c "^[.']" <<< "$output")" -eq 5 ]
    { printf '.Dd January 1, 2026\n.Dt OPT 1\n.Os\n.Sh NAME\n.Nm opt\n.Nd test\n.Sh OPTIONS\n'; echo "$output"; } > page.1
    mandoc -T utf8 -O width=200 page.1 | col -b > page.txt
    grep -F '.Nm is no macro here.' page.txt
    grep -F "'tis none either." page.txt
    grep -F 'Use --plain-text or -p.' page.txt
    grep -F 'A \n stays a \n, as in C:\temp.' page.txt
    grep -F 'well-known words... keep one dash (-x).' page.txt
    grep -F 'begins it.' page.txt
    grep -F '.so is no request.' page.txt
}

@test "a store of which reading failed keeps what comes after, and nobody waits for it" {
    run "$unit/store" store.db
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "limits: requests and tokens of a minute, caps of a run, by a clock that does not wait" {
    run "$unit/limits"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "file systems of networks are told from those of this machine" {
    # NFS, CIFS, SMB2 as a negative number of 32 bits, Lustre, GPFS, BeeGFS, CephFS, 9p, FUSE; ext4, xfs, btrfs, tmpfs, overlay
    run "$unit/network" <<< "6969
ff534d42
fffffffffe534d42
bd00bd0
47504653
19830326
c36400
1021997
65735546
ef53
58465342
9123683e
1021994
794c7630"
    [ "$(awk '{print $2}' <<< "$output" | paste -sd ' ')" = "NFS CIFS SMB Lustre GPFS BeeGFS CephFS 9p FUSE - - - - -" ]
}

@test "clusters around medoids: no exchange is better, and groups that are apart are found" {
    for seed in 1 2 3; do
        "$unit/medoids" 200 $seed
    done
}
