# A call of _arguments for each program.
function quoted(text)
{
	gsub(/'/, "'\\''", text)
	return text
}

function action(name, arg,    what)
{
	what = kind(name, arg)
	if (what == "words")
		return ":" substr(name, 3) ":(" words ")"
	if (what == "models" || what == "recorded")
		return ":model:_synthesizeme_" what
	if (what == "at")
		return ":file:_synthesizeme_at"
	if (what == "pair")
		return ":file:_synthesizeme_pair"
	if (what == "folder")
		return ":folder:_files -/"
	return what == "file" ? ":file:_files" : what == "" ? "" : ":" quoted(arg) ": "
}

function begin_program()
{
	table("\t" program ")\n\t\t_arguments -s -S \\")
}

function option(letter, name, arg, help, is_many,    spec, does)
{
	gsub(/[][\\]/, "\\\\&", help)
	gsub(/:/, "\\:", arg)
	does = action(name, arg)
	spec = "[" quoted(help) "]" does
	if (letter == "-")
		spec = "'" (is_many ? "*" : "") name (does == "" ? "" : "=") spec "'"
	else
		spec = (is_many ? "\\*" : "'(" letter " " name ")'") "{" letter (does == "" ? "" : "+") "," name (does == "" ? "" : "=") "}'" spec "'"
	table("\t\t\t" spec " \\")
}

function end_program()
{
	if (operands != "")
		table("\t\t\t'1:what:(" operands ")' \\")
	if (format)
		table("\t\t\t'1:format or file:{compadd " names "; _files}' \\")
	table("\t\t\t'*:file:_files'\n\t\t;;")
}
