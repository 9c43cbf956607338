# An arm of a `case` for each program, which says by the word before what completes this one.
function begin_program()
{
	split("", arms)
	options = ""
	arm_count = 0
}

function option(letter, name, arg, help, is_many,    what, sets)
{
	options = options (options == "" ? "" : " ") name
	if ((what = kind(name, arg)) == "")
		return
	sets = "kind='" what "'" (words == "" ? "" : " words='" words "'")
	if (!(sets in arms))
		order[++arm_count] = sets
	arms[sets] = arms[sets] (sets in arms && arms[sets] != "" ? " | " : "") (letter == "-" ? "" : letter " | ") name
}

function end_program(    i)
{
	table("\t" program ")\n\t\tcase $prev in")
	for (i = 1; i <= arm_count; i++)
		table("\t\t" arms[order[i]] ") " order[i] " ;;")
	table("\t\tesac\n\t\toptions='" options "'")
	if (operands != "" || format)
		table("\t\toperands='" (format ? names : operands) "'")
	table("\t\t;;")
}
