internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping

/// What manifests for every engine are about: the workers' command line, the mapping that it needs, and how many of them there are.
struct WorkerFleet: Sendable {
  /// Where workers work, and may write.
  static let folder = "/var/lib/dualtable"

  let tool: String
  let image: String
  let workers: Int
  let old: String
  let new: String
  let control: String
  /// What the mapping file holds; nil where the mapping is in the executable.
  let mapping: String?
  /// Of the mapping.
  let digest: String
  let region: String?
  /// What is set of the backfill, as its flags.
  let flags: [String]
  /// Endpoints other than AWS's own, as flags.
  let endpoints: [String]
  /// What a worker may take for what is in flight.
  let memoryLimit: Int

  init(_ context: CommandContext) throws(CommandError) {
    let settings = context.settings
    tool = context.tool.name
    image = try settings.required(DeploySettings.image)
    workers = try settings.value(DeploySettings.workers) ?? 4
    old = try settings.required(SharedSettings.old)
    new = try settings.required(SharedSettings.new)
    control = try settings.required(SharedSettings.requiredControl)
    digest = try context.loadMapping().digest
    mapping = try context.mappingText().map { (bytes) throws(CommandError) in
      guard let text = String(validating: bytes, as: UTF8.self) else { throw CommandError("The mapping isn't UTF-8; mend it first.") }
      return text
    }
    region = settings.text(of: [SharedSettings.region.declaration])?.text
    memoryLimit = try settings.value(BackfillSettings.memoryLimit)?.count ?? BackfillSettings.standardMemory
    flags = try Self.flags(DeploySettings.passedOn, settings)
    endpoints = try Self.flags(
      [
        SharedSettings.endpoint, SharedSettings.oldEndpoint, SharedSettings.newEndpoint, SharedSettings.oldRegion, SharedSettings.newRegion,
      ].map(\.declaration), settings)
  }

  /// Those of the settings that are set, as a command line has them.
  private static func flags(_ declarations: [SettingDeclaration], _ settings: Settings) throws(CommandError) -> [String] {
    var flags: [String] = []
    for declaration in declarations {
      guard let found = settings.text(of: [declaration]) else { continue }
      guard declaration.accepts(found.text) else { throw settings.refusal(of: found.text, found.origin, declaration) }
      if declaration.option.placeholder != nil {
        flags.append(flag(declaration, found.text))
      } else if found.text == "true" {
        flags.append("--\(declaration.name)")
      }
    }
    return flags
  }

  /// In one word: a table's name may begin with a dash.
  private static func flag(_ declaration: SettingDeclaration, _ value: String) -> String { "--\(declaration.name)=\(value)" }

  /// A command's line, without the tool's name.
  ///
  /// - Parameters:
  ///   - path: where the mapping's file is, if there is one; nil for a command that takes none.
  ///   - more: what the command takes beside the migration's tables.
  func line(_ command: String, mappingAt path: String?, _ more: [String] = []) -> [String] {
    let settings: [(Setting<String>, String?)] = [
      (SharedSettings.old, old), (SharedSettings.new, new), (SharedSettings.mapping, mapping.flatMap { _ in path }),
      (SharedSettings.control, control),
    ]
    return [command] + settings.compactMap { setting, value in value.map { Self.flag(setting.declaration, $0) } } + endpoints + more
      + ["--log-format=json"]
  }

  /// A name for everything that is made: lower-case letters, digits and dashes, at most 52 of them, another one for other tables.
  var name: String {
    let tables = [old, new].map { $0.split(separator: "/").last ?? $0[...] }.joined(separator: "-")
    var slug = ""
    for byte in tables.lowercased().utf8 {
      let isPlain = DeploySettings.isLowerCaseOrDigit(byte)
      if isPlain { slug.unicodeScalars.append(Unicode.Scalar(byte)) } else if !slug.hasSuffix("-") { slug += "-" }
    }
    // Names that differ in what is lost here differ in the digest.
    var hash = SHA256()
    hash.update([old, new, control].joined(separator: "\n"))
    let distinct = HexDigits(hash.finish()).string.prefix(8)
    return "dualtable-\(slug.prefix(33).drop { $0 == "-" })-\(distinct)".replacing("--", with: "-")
  }
}
