# bash completion of the programs of SynthesizeMe, made from their option tables
# shellcheck shell=bash disable=SC2034,SC2207

# The models that have answers in the store, by a sed script over what is known of endpoints, with which the list begins.
_synthesizeme_models() {
	case ${SM_CACHE-} in postgres://* | postgresql://*) return ;; esac # a server may take its time
	command sm-cache list 2>/dev/null </dev/null | sed -n "$1" | sort -u
}

# Sets kind, words, options and operands by program and prev.
_synthesizeme_tables() {
	case $program in
@TABLES@
	esac
}

_synthesizeme() {
	local program=${1##*/} line=${COMP_LINE:0:COMP_POINT} i=$COMP_CWORD
	local cur=${COMP_WORDS[i]} whole prev word kind='' words='' options='' operands=''
	# bash takes a word apart that has one of = : @ in it
	line=${line##*[[:space:]]} whole=$cur
	while ((i > 1 && ${#whole} < ${#line})); do
		i=$((i - 1)) whole=${COMP_WORDS[i]}$whole
	done
	prev=${COMP_WORDS[i - 1]} cur=$whole
	case $cur in --*=*) prev=${cur%%=*} cur=${cur#*=} ;; esac
	_synthesizeme_tables
	if [ -z "$kind" ]; then
		case $cur in -*) kind='words' words=$options ;; *) kind='file' words=$operands ;; esac
		for word in "${COMP_WORDS[@]:1:i-1}"; do
			[ "$kind" != file ] || case " $operands " in *" $word "*) words='' ;; esac
		done
	fi
	case $kind in
	models) words="@PREFIXES@ $(_synthesizeme_models '@MODELS@')" ;;
	recorded) words=$(_synthesizeme_models '@RECORDED@') ;;
	at) [ -n "$cur" ] || words='@' ;;
	esac
	local IFS=$' \t\n'
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	case $kind$cur in
	at@*)
		COMPREPLY=()
		while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -P @ -f -- "${cur#@}")
		compopt -o filenames 2>/dev/null
		;;
	esac
	# where nothing is found, readline completes files, which it knows to quote
	case $kind in
	folder) compopt -o dirnames +o default ;;
	words | models | recorded | nothing) compopt +o default ;;
	esac 2>/dev/null
	case ${COMPREPLY-} in @ | */) compopt -o nospace 2>/dev/null ;; esac
	# what stands before the last break stays as it is; readline counts an @ to what follows
	whole=${cur##*[=:]}
	case $whole in ?*@*) whole=@${whole##*@} ;; esac
	COMPREPLY=("${COMPREPLY[@]#"${cur%"$whole"}"}")
}
complete -o default -F _synthesizeme @PROGRAMS@
