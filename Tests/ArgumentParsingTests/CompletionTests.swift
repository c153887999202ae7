import ArgumentParsing
import Testing

@Suite struct CompletionTests {
  @Test func `writes a script for bash`() {
    #expect(
      sampleTool.completionScript(for: .bash) == #"""
        # bash completion for tool
        _tool() {
          local path=tool index current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
          COMPREPLY=()
          # Bash makes three words of --option=value.
          if [[ "$current" == "=" ]]; then
            current=""
          elif [[ "$previous" == "=" ]]; then
            previous="${COMP_WORDS[COMP_CWORD-2]}"
          fi
          for ((index = 1; index < COMP_CWORD; index++)); do
            case "$path ${COMP_WORDS[index]}" in
              'tool copy' | 'tool remote' | 'tool remote add') path="$path ${COMP_WORDS[index]}" ;;
            esac
          done
          case "$path $previous" in
            'tool copy --from') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
            'tool copy --to') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
            'tool copy --color') mapfile -t COMPREPLY < <(compgen -W 'always never' -- "$current"); return ;;
            'tool copy --list') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
            'tool copy --a-very-long-option-name') return ;;
          esac
          case "$path" in
            'tool') mapfile -t COMPREPLY < <(compgen -W 'copy remote help --version --help' -- "$current") ;;
            'tool copy') mapfile -t COMPREPLY < <(compgen -W '--from --to --color --list --a-very-long-option-name --json --help' -- "$current") ;;
            'tool remote') mapfile -t COMPREPLY < <(compgen -W 'add --help' -- "$current") ;;
            'tool remote add') mapfile -t COMPREPLY < <(compgen -W 'fast slow --help' -- "$current") ;;
          esac
        }
        complete -F _tool tool

        """#)
  }

  @Test func `writes a script for zsh`() {
    #expect(
      sampleTool.completionScript(for: .zsh) == #"""
        #compdef tool
        _tool() {
          local context state line
          typeset -A opt_args
          local -a commands=(
            'copy:Copy what lies in one place to another place, however long the sentence that says so may be.'
            'remote:Manage remotes.'
          )
          _arguments -C \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            '--version[Show the version.]' \
            '1: :->command' \
            '*:: :->arguments'
          case $state in
            command) _describe command commands ;;
            arguments)
              case $words[1] in
                copy) _tool_copy ;;
                remote) _tool_remote ;;
              esac ;;
          esac
        }
        _tool_copy() {
          _arguments -s -S \
            '--from=[Where to read.]:place:_files -/' \
            '--to=[Where to write.]:place:_files -/' \
            '--color=[Whether to color what it'\''s \[printing\]\: yes or no.]:when:(always never)' \
            '*--list=[A file of names.]:file:_files' \
            '--a-very-long-option-name=[Something with a name so long that its help goes below.]:number:' \
            '--json[Print JSON.]' \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            '*:name:'
        }
        _tool_remote() {
          local context state line
          typeset -A opt_args
          local -a commands=(
            'add:Add a remote.'
          )
          _arguments -C \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            '1: :->command' \
            '*:: :->arguments'
          case $state in
            command) _describe command commands ;;
            arguments)
              case $words[1] in
                add) _tool_remote_add ;;
              esac ;;
          esac
        }
        _tool_remote_add() {
          _arguments -s -S \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            '1:kind:(fast slow)'
        }
        if [[ "$funcstack[1]" == "_tool" ]]; then
          _tool "$@"
        else
          compdef _tool tool
        fi

        """#)
  }

  @Test func `writes a script for fish`() {
    #expect(
      sampleTool.completionScript(for: .fish) == #"""
        # fish completion for tool
        function __tool_path
            set -l path tool
            for word in (commandline -opc)[2..]
                switch "$path $word"
                    case 'tool copy' 'tool remote' 'tool remote add'
                        set path "$path $word"
                end
            end
            echo $path
        end
        complete -c tool -f
        complete -c tool -n 'test (__tool_path) = "tool"' -a copy -d 'Copy what lies in one place to another place, however long the sentence that says so may be.'
        complete -c tool -n 'test (__tool_path) = "tool"' -a remote -d 'Manage remotes.'
        complete -c tool -n 'test (__tool_path) = "tool"' -l version -d 'Show the version.'
        complete -c tool -n 'test (__tool_path) = "tool"' -s h -l help -d 'Show help information.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l from -x -a '(__fish_complete_directories)' -d 'Where to read.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l to -x -a '(__fish_complete_directories)' -d 'Where to write.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l color -x -a 'always never' -d 'Whether to color what it\'s [printing]: yes or no.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l list -r -F -d 'A file of names.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l a-very-long-option-name -x -d 'Something with a name so long that its help goes below.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -l json -d 'Print JSON.'
        complete -c tool -n 'test (__tool_path) = "tool copy"' -s h -l help -d 'Show help information.'
        complete -c tool -n 'test (__tool_path) = "tool remote"' -a add -d 'Add a remote.'
        complete -c tool -n 'test (__tool_path) = "tool remote"' -s h -l help -d 'Show help information.'
        complete -c tool -n 'test (__tool_path) = "tool remote add"' -a 'fast slow'
        complete -c tool -n 'test (__tool_path) = "tool remote add"' -s h -l help -d 'Show help information.'

        """#)
  }

  struct Completion: Sendable, CustomTestStringConvertible {
    let line: String
    let words: [String]
    var testDescription: String { line }
  }

  static let completions = [
    Completion(line: "tool co", words: ["copy"]),
    Completion(line: "tool copy --f", words: ["--from"]),
    Completion(line: "tool copy --color ", words: ["always", "never"]),
    Completion(line: "tool copy --color n", words: ["never"]),
    Completion(line: "tool remote a", words: ["add"]),
    Completion(line: "tool remote add f", words: ["fast"]),
    Completion(line: "tool copy --json --l", words: ["--list"]),
    Completion(line: "tool copy --from copy --t", words: ["--to"]),
  ]

  @Test(.enabled("bash isn't here") { ShellRunner.has("bash") }, arguments: completions)
  func `completes in bash`(_ completion: Completion) throws {
    let words = completion.line.split(separator: " ", omittingEmptySubsequences: false)
    let script = """
      \(sampleTool.completionScript(for: .bash))
      compopt() { :; }
      COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " ")))
      COMP_CWORD=\(words.count - 1)
      _tool
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    #expect(try ShellRunner.run("bash", script) == completion.words)
  }

  @Test(.enabled("bash isn't here") { ShellRunner.has("bash") }) func `completes in bash behind an equals sign`() throws {
    let script = """
      \(sampleTool.completionScript(for: .bash))
      COMP_WORDS=(tool copy --color = al)
      COMP_CWORD=4
      _tool
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    #expect(try ShellRunner.run("bash", script) == ["always"])
  }

  @Test(.enabled("bash isn't here") { ShellRunner.has("bash") }) func `completes a tool of one command in bash`() throws {
    let tool = Command("one", "One.", examples: [], groups: [.init("options", [Option(flag: "json", "Print JSON.")])])
    let script = "\(tool.completionScript(for: .bash))\nCOMP_WORDS=(one --j)\nCOMP_CWORD=1\n_one\necho ${COMPREPLY[@]}"
    #expect(try ShellRunner.run("bash", script) == ["--json"])
  }

  static let filesTool = Command("one", "Does one thing.", examples: [], positionals: [Positional("file", "Which.", .file)])

  @Test(.enabled("bash isn't here") { ShellRunner.has("bash") }) func `completes files in bash`() throws {
    let script = "\(Self.filesTool.completionScript(for: .bash))\ncompopt() { :; }\nCOMP_WORDS=(one /etc/passw)\nCOMP_CWORD=1\n_one"
    #expect(try ShellRunner.run("bash", script + "\nprintf '%s\\n' \"${COMPREPLY[@]}\"").contains("/etc/passwd"))
  }

  @Test(.enabled("fish isn't here") { ShellRunner.has("fish") }) func `completes files in fish`() throws {
    let lines = try ShellRunner.run("fish", "\(Self.filesTool.completionScript(for: .fish))\ncomplete -C 'one /etc/passw'")
    #expect(lines.contains("/etc/passwd"))
  }

  @Test(.enabled("fish isn't here") { ShellRunner.has("fish") }, arguments: completions)
  func `completes in fish`(_ completion: Completion) throws {
    let script = "\(sampleTool.completionScript(for: .fish))\ncomplete -C '\(completion.line)'"
    let lines = try ShellRunner.run("fish", script)
    #expect(lines.map { String($0.prefix { $0 != "\t" }) } == completion.words)
  }

  @Test(.enabled("zsh isn't here") { ShellRunner.has("zsh") }) func `zsh reads its script`() throws {
    let lines = try ShellRunner.run("zsh", "compdef() { print $1 for $2; }\n\(sampleTool.completionScript(for: .zsh))")
    #expect(lines == ["_tool for tool"])
  }
}
