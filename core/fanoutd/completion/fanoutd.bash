# Completion of fanoutd for bash. The words come from 'fanoutd complete'.

_fanoutd_words () {
  "$program" complete "$@" 2>/dev/null
}

_fanoutd_files () {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

_fanoutd_choose () {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word")
}

# The value of an option; fails when the word before takes none, or one that cannot be known.
_fanoutd_value () {
  case $before in
    -f | --format) _fanoutd_choose "$(_fanoutd_words formats)" ;;
    -t) _fanoutd_choose "$(_fanoutd_words types)" ;;
    -s | --set)
      compopt -o nospace 2>/dev/null
      _fanoutd_choose "$(_fanoutd_words keys)"
      ;;
    -o | --output | --partial | --plugin-path | --write-index) _fanoutd_files ;;
    -d | -g | -w | -l | -r | -n | --part | --having | --rest | --sort | --limit) COMPREPLY=() ;;
    *) return 1 ;;
  esac
}

# Behind -- there are files; before it an operator, with its parenthesis.
_fanoutd_expression () {
  local i

  for ((i = 2; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} != -- ]] || { _fanoutd_files; return; }
  done
  compopt -o nospace 2>/dev/null
  _fanoutd_operators
}

# Offers what begins with a text, behind what stands before it. A single one that is inside quotes
# would end them, so a second one tells how it goes on.
_fanoutd_offer () {
  local head=$1 text=$2 hint=$3 found

  while IFS= read -r found; do
    [[ $found != "$text"* ]] || COMPREPLY+=("$head$found")
  done
  ((${#COMPREPLY[@]} != 1)) || [[ $word != [\'\"]* ]] || COMPREPLY+=("${COMPREPLY[0]}$hint")
}

# A parenthesis needs quotes: they are opened where they are not yet. NAME= may stand before; behind
# a comma there is an option of the operator.
_fanoutd_operators () {
  local open=\' name='' text=$word operator option blanks

  case $text in [\'\"]*) open='' text=${text:1} ;; esac
  if [[ $text == *\(*,* ]]; then
    operator=${text%%\(*} operator=${operator##*=} operator=${operator//[[:blank:]]/}
    option=${text##*,} blanks=${option%%[![:blank:]]*}
    _fanoutd_offer "$open${text%,*},$blanks" "${option#"$blanks"}" VALUE \
      < <(_fanoutd_words keys "$operator")
  else
    case $text in *=*) name=${text%%=*}= text=${text#*=} ;; esac
    _fanoutd_offer "$open$name" "$text" column < <(_fanoutd_words operators | sed 's/$/(/')
  fi
}

_fanoutd () {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local verb=${COMP_WORDS[1]-}

  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _fanoutd_choose "$(_fanoutd_words verbs) --help --version"
  elif _fanoutd_value; then
    :
  elif [[ $word == -* ]]; then
    _fanoutd_choose "$(_fanoutd_words options "$verb")"
  else
    case $verb in
      agg) _fanoutd_expression ;;
      plugins)
        _fanoutd_choose "$(for kind in operators sources sinks functions; do _fanoutd_words $kind; done)"
        ;;
      functions) _fanoutd_choose "$(_fanoutd_words functions)" ;;
      new-plugin | reference) ;;
      *) _fanoutd_files ;;
    esac
  fi
}

# '=' breaks words in bash: what is behind it in -s KEY=VALUE is free text.
complete -F _fanoutd fanoutd
