# A line for each option.
function quoted(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function begin_program()
{
	table("complete -c " program " -e")
}

function option(letter, name, arg, help, is_many,    what, line)
{
	line = "complete -c " program (letter == "-" ? "" : " -s " substr(letter, 2)) " -l " substr(name, 3)
	what = kind(name, arg)
	if (what == "words")
		line = line " -x -a '" words "'"
	else if (what == "models" || what == "recorded")
		line = line " -x -a '(__synthesizeme_" what ")'"
	else if (what == "at")
		line = line " -x -a '(__synthesizeme_at)'"
	else if (what == "folder")
		line = line " -x -a '(__fish_complete_directories)'"
	else if (what != "")
		line = line (what == "nothing" ? " -x" : " -r -F")
	table(line " -d " quoted(help))
}

function end_program(    first)
{
	first = format ? names : operands
	if (first != "")
		table("complete -c " program (format ? "" : " -f") " -n 'not __fish_seen_subcommand_from " first "' -a '" first "'")
}
