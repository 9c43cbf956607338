#compdef @PROGRAMS@
# zsh completion of the programs of SynthesizeMe, made from their option tables

# The models that have answers in the store, by a sed script over what is known of endpoints, with which the list begins.
_synthesizeme_known() {
	[[ ${SM_CACHE-} == postgres(ql|)://* ]] && return # a server may take its time
	command sm-cache list 2>/dev/null </dev/null | sed -n "$1" | sort -u
}

_synthesizeme_models() {
	local -a known=(${(f)"$(_synthesizeme_known '@MODELS@')"})
	compadd -S '' @PREFIXES@
	compadd -a known
}

_synthesizeme_recorded() {
	local -a known=(${(f)"$(_synthesizeme_known '@RECORDED@')"})
	compadd -a known
}

_synthesizeme_at() {
	if compset -P @; then _files; else compadd -S '' @; fi
}

_synthesizeme_pair() {
	compset -P '*=' && _files
}

_synthesizeme() {
	case $service in
@TABLES@
	esac
}

# read from .zshrc, or found by compinit
if [[ ${funcstack[1]-} == _synthesizeme ]]; then _synthesizeme "$@"; else compdef _synthesizeme @PROGRAMS@; fi
