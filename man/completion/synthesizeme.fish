# fish completion of the programs of SynthesizeMe, made from their option tables

# The models that have answers in the store, by a sed script over what is known of endpoints, with which the list begins.
function __synthesizeme_known
    string match -qr '^postgres(ql)?://' -- "$SM_CACHE"; and return # a server may take its time
    command sm-cache list 2>/dev/null </dev/null | sed -n $argv[1] | sort -u
end

function __synthesizeme_models
    printf '%s\n' @PREFIXES@
    __synthesizeme_known '@MODELS@'
end

function __synthesizeme_recorded
    __synthesizeme_known '@RECORDED@'
end

function __synthesizeme_at
    set -l word (string replace -r '^(--[a-z-]+=|-[A-Za-z])?@?' '' -- (commandline -ct))
    printf '@%s\n' (__fish_complete_path $word)
end

@TABLES@
