# completions SHELL <LINES: what a shell that has loaded what make install put into $root makes of a TAB behind each line
# of a command: a line "WORD|WORD|...". In bash and zsh the keys are typed at a terminal, TAB inserts all that fits, and
# the programs, functions here, show their words. fish tells what would fit in the last word.
# shellcheck shell=bash disable=SC2154

show_words() {
	for program in "$BIN"/sm-*; do
		echo "${program##*/}() { printf '<'; printf '%s|' \"\$@\"; echo '>'; }"
	done
}

# Types the lines at the shell that runs by these words.
at_terminal() {
	sed 's/$/\t/; $a exit' | TERM=dumb timeout 60 script -qec "$*" /dev/null | tr -d '\r' | sed -n 's/^<\(.*\)>$/\1/p'
}

in_bash() {
	{
		echo "PS1= PS2=; unset HISTFILE; bind '\"\C-i\": insert-completions'; shopt -u checkwinsize"
		show_words
		echo ". $root/share/bash-completion/completions/sm-judge"
	} >rc.bash
	at_terminal bash --noprofile --rcfile rc.bash -i
}

in_zsh() {
	{
		echo "PS1= PS2=; unset HISTFILE; unsetopt prompt_cr prompt_sp; unset zle_bracketed_paste"
		echo "fpath=($root/share/zsh/site-functions \$fpath); autoload -Uz compinit && compinit -u -C -d ${BATS_FILE_TMPDIR-.}/compdump"
		echo "zle -C all complete-word _generic; bindkey '^I' all"
		echo "zstyle ':completion:all:*' insert yes; zstyle ':completion:all::::' completer _all_matches _complete"
		show_words
	} >.zshrc
	ZDOTDIR=$PWD at_terminal zsh -i
}

in_fish() {
	fish --no-config -c "set fish_complete_path $root/share/fish/vendor_completions.d \$fish_complete_path
		while read line; complete -C \$line; echo; end" |
		awk -F '\t' '{ printf "%s", $0 == "" ? "\n" : $1 "|" }'
}

completions() {
	export XDG_CONFIG_HOME=$PWD/home XDG_DATA_HOME=$PWD/home
	"in_$1"
}
