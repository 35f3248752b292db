# Prints what zsh completes at the end of a line: complete.zsh FOLDER-OF-SCRIPT LINE
# zsh completes in a terminal only, so one is made, and the function that takes candidates writes them to a file.
zmodload zsh/zpty
zmodload zsh/zselect
typeset -r found=$1/found
zpty shell zsh -f
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd \"\$@\"; return; fi
  local -a candidates
  builtin compadd -A candidates \"\$@\"
  (( \$#candidates )) && print -rl -- \$candidates >> ${(q)found}
}"
zpty -w shell "finished() { : > ${(q)found}.finished }; zle -N finished; bindkey '^X' finished; : > ${(q)found}.ready"
for ((i = 0; i < 300; i++)); do [[ -e $found.ready ]] && break; zselect -t 10; done
zpty -w -n shell "$2"$'\t\x18'
for ((i = 0; i < 300; i++)); do [[ -e $found.finished ]] && break; zselect -t 10; done
zpty -d shell
[[ -e $found.finished ]] || { print -u2 'zsh did not finish'; exit 1 }
[[ ! -e $found ]] || cat $found
