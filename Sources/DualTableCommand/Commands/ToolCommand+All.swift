internal import ArgumentParsing

extension ToolCommand {
  /// Every command, in the order of the help.
  ///
  /// - Parameter hasMapping: the executable's mapping is in it, so that nothing is said of files. Default false.
  static func all(tool: String, hasMapping: Bool = false) -> [ToolCommand] {
    let tables = [
      rehearse(tool: tool), seed(tool: tool), plan(tool: tool), backfill(tool: tool), verify(tool: tool), redrive(tool: tool),
      status(tool: tool), report(tool: tool), ctl(tool: tool), phase(tool: tool), cutover(tool: tool), fence(tool: tool), sweep(tool: tool),
      iam(tool: tool), deploy(tool: tool),
    ]
    let completions = completions(tool: tool)
    return hasMapping ? tables.map { $0.withoutMapping() } + [completions] : tables + [local(tool: tool), mapping(tool: tool), completions]
  }

  private func withoutMapping() -> ToolCommand {
    let mapping = SharedSettings.mapping.declaration.name
    return ToolCommand(
      name: name, abstract: abstract, discussion: discussion,
      examples: examples.map { .init($0.line.replacing(" --mapping users.yaml", with: ""), $0.says) },
      groups: groups.map { group in SettingGroup(group.title, group.declarations.filter { $0.name != mapping }) },
      positionals: positionals, subcommands: subcommands.map { $0.withoutMapping() }, run: run)
  }
}
