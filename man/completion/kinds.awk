# Reads the tables of the programs and fills the lines of `template`: @TABLES@ is what a shell's own part has made with
# table() in begin_program(), option() and end_program(); @PROGRAMS@, @PREFIXES@, @MODELS@ and @RECORDED@ are words.
BEGIN { FS = "\t" }

# What completes the argument `arg` of option `name`: words (then in the global `words`), models, recorded (the same as
# sm-cache lists them), at (a file behind @), pair (a file behind =), folder, file, or nothing. The empty string for an
# option without an argument.
function kind(name, arg)
{
	words = arg
	if (arg == "-")
		return ""
	if (gsub(/\|/, " ", words) && words !~ /[^a-z0-9 -]/)
		return "words"
	if (name == "--show" && (words = names) != "")
		return "words"
	words = ""
	if (name == "--model")
		return program == "sm-cache" ? "recorded" : "models"
	return arg ~ /@FILE$/ ? "at" : arg ~ /=FILE$/ ? "pair" : arg ~ /FILE/ ? "file" : arg == "DIR" ? "folder" : "nothing"
}

function table(text)
{
	tables = tables text "\n"
}

function rest(    i, text)
{
	for (i = 2; i <= NF; i++)
		text = text (i > 2 ? " " : "") $i
	return text
}

function end_any(    i)
{
	if (program == "")
		return
	begin_program()
	for (i = 1; i <= count; i++)
		option(letters[i], longs[i], args[i], helps[i], longs[i] in many)
	end_program()
}

function fill(line,    i, mark)
{
	for (mark in fills)
		if ((i = index(line, mark)) > 0)
			line = substr(line, 1, i - 1) fills[mark] substr(line, i + length(mark))
	return line
}

$1 == "program" {
	end_any()
	program = $2
	names = operands = ""
	format = count = 0
	split("", many)
	programs = programs (programs == "" ? "" : " ") program
}
$1 == "option" {
	letters[++count] = $2
	longs[count] = $3
	args[count] = $4
	helps[count] = $5
}
$1 == "many" { many[$2] }
$1 == "names" { names = rest() }
$1 == "operand" { operands = rest() }
$1 == "format" { format = 1 }
END {
	end_any()
	fills["@PROGRAMS@"] = programs
	fills["@PREFIXES@"] = prefixes
	fills["@RECORDED@"] = "/^{\"type\":\"answer\"/q;" recorded
	fills["@MODELS@"] = "/^{\"type\":\"answer\"/q;" models recorded
	while ((getline line < template) > 0)
		if (line == "@TABLES@")
			printf "%s", tables
		else
			print fill(line)
}
