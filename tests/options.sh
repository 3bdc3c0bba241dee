#!/bin/sh
# SPDX-License-Identifier: MIT
# options.sh - every tool: do the parser, --help and the manual page name the same options?
#
#   --help exits 0 and lists exactly the long options of tools/TOOL/TOOL.1
#   the parser takes every option of --help, and refuses one that does not exist with status 2
#   --version prints "TOOL (pertrack) VERSION"
#   mandoc finds nothing to complain about in any page (left out without mandoc, and said)
#
# Run by tests/run.sh, which sets B and PATH.  Prints what is wrong; exit 1 when anything is.
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
bad=0 tools=0

complain() {
    echo "$*"
    bad=1
}

# Long options of --help: the first one of each line of the option list.
help_options() {
    sed -n 's/^  *\(-[^-], \)\{0,1\}--\([a-z0-9][a-z0-9-]*\).*/\2/p' | sort
}

# Long options of a manual page: items of its lists in mdoc(7), first lines of its .TP in man(7).
page_options() {
    sed 's/\\-/-/g' "$1" | awk '
        /^\.It / || tagged { print }
        { tagged = /^\.TP/ }
        /^\.IP / { print }' |
    sed -n 's/Fl Fl /Fl -/g; s/.*Fl -\([a-z0-9][a-z0-9-]*\).*/\1/p; t
            s/.*--\([a-z0-9][a-z0-9-]*\).*/\1/p' | sort -u
}

check_tool() {
    tool=$1
    page=$top/tools/$tool/$tool.1

    "$tool" --help >"$work/help" 2>"$work/err" </dev/null ||
        complain "$tool --help: exit status $?, expected 0"
    [ ! -s "$work/err" ] || complain "$tool --help writes to standard error: $(head -n 1 "$work/err")"
    help_options <"$work/help" >"$work/a"
    [ -s "$work/a" ] || complain "$tool --help lists no option"
    [ "$(sort -u "$work/a" | wc -l)" -eq "$(wc -l <"$work/a")" ] ||
        complain "$tool --help lists an option twice: $(uniq -d "$work/a")"
    awk 'length($0) > 100' "$work/help" | grep -q . &&
        complain "$tool --help has lines of more than 100 columns"

    if [ -f "$page" ]; then
        page_options "$page" >"$work/b"
        only=$(comm -23 "$work/a" "$work/b" | tr '\n' ' ')
        [ -z "$only" ] || complain "$tool.1 does not explain: $only"
        only=$(comm -13 "$work/a" "$work/b" | tr '\n' ' ')
        [ -z "$only" ] || complain "$tool.1 explains what $tool --help does not have: $only"
    else
        complain "tools/$tool/$tool.1 is missing"
    fi

    # With --version behind it an option that exists ends with 0, or 2 for want of an argument
    # that is a number; only an unknown one is called unknown.
    while read -r option; do
        "$tool" "--$option" --version 2>&1 </dev/null | grep -Eq 'unrecognized|unknown option' &&
            complain "$tool --help lists --$option, which it does not take"
    done <"$work/a"

    "$tool" --version 2>"$work/err" | grep -Eq "^$tool \(pertrack\) [0-9a-f]" ||
        complain "$tool --version: expected '$tool (pertrack) VERSION'"
    for wrong in --no-such-option -_; do
        "$tool" $wrong >"$work/out" 2>"$work/err" </dev/null
        status=$?
        [ $status = 2 ] || complain "$tool $wrong: exit status $status, expected 2"
        grep -q -e --help "$work/err" || complain "$tool $wrong: the message does not name --help"
        [ ! -s "$work/out" ] || complain "$tool $wrong: writes to standard output"
    done
}

for dir in "$top"/tools/*/; do
    check_tool "$(basename "$dir")"
    tools=$((tools + 1))
done
[ $tools -gt 0 ] || complain "there are no tools"

if command -v mandoc >/dev/null; then
    for page in "$top"/tools/*/*.1 "$top"/lib/*/*.5 "$top"/lib/*.5; do
        [ -f "$page" ] || continue
        mandoc -T lint -W warning "$page" >"$work/lint" 2>&1
        [ ! -s "$work/lint" ] || complain "$(sed "s|$top/||" "$work/lint")"
    done
    [ $bad != 0 ] || echo "options and pages of $tools tools agree"
else
    echo "SKIP options.sh: mandoc is not installed, pages are not checked"
fi
exit $bad
