internal import ArgumentParsing

/// Settings listed under one heading of a command's help.
struct SettingGroup: Sendable {
  let title: String
  let declarations: [SettingDeclaration]

  init(_ title: String, _ declarations: [SettingDeclaration]) {
    self.title = title
    self.declarations = declarations
  }
}

/// Settings that several commands share, named as the AWS command line names them.
enum SharedSettings {
  static let old = Setting.table("old", "The table to migrate from, a name or an ARN.")
  static let new = Setting.table("new", "The table to migrate to, a name or an ARN.")
  static let mapping = Setting.text("mapping", "file", "The mapping file.", .file, isRequired: true)

  static let endpoint = Setting.text(
    "endpoint-url", "url", "Where requests go.", variables: ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"], default: "AWS's own")
  static let oldEndpoint = Setting.text("old-endpoint-url", "url", "The same, for the old table only.")
  static let newEndpoint = Setting.text("new-endpoint-url", "url", "The same, for the new table only.")
  static let region = Setting.text(
    "region", "region", "The region of both tables.", variables: ["AWS_REGION", "AWS_DEFAULT_REGION"])
  static let oldRegion = Setting.text("old-region", "region", "The same, for the old table only.")
  static let newRegion = Setting.text("new-region", "region", "The same, for the new table only.")
  // The variables of AWS's own aren't named here: a profile that the environment names doesn't put its keys aside, one that is given does.
  static let profile = Setting.text("profile", "name", "Credentials, region and endpoint by this profile.")
  static let oldProfile = Setting.text("old-profile", "name", "The same, for the old table only.")
  static let newProfile = Setting.text("new-profile", "name", "The same, for the new table only.")

  static let yes = Setting.flag("yes", "Confirm what can't be undone, or stops writers.")
  static let json = Setting.flag("json", "Print the result as one JSON object.")
  static let printConfig = Setting.flag("print-config", "Show what holds for each setting and where it comes from, and do nothing.")
  static let logLevel = Setting<Log.Level>.choice("log-level", "level", "What is told beside the result.", default: "info")
  static let logFormat = Setting<Log.Format>.choice("log-format", "format", "How it is told.", default: "text")

  static let tables = SettingGroup("tables", [old.declaration, new.declaration, mapping.declaration])

  /// For commands that can do without a mapping file.
  static func tables(mappingDefault: String) -> SettingGroup {
    let optional = Setting.text("mapping", "file", "The mapping file.", .file, default: mappingDefault)
    return SettingGroup("tables", [old.declaration, new.declaration, optional.declaration])
  }

  /// For commands that look at the old table alone.
  static let oldPlace = SettingGroup(
    "where the table is", [endpoint, oldEndpoint, region, oldRegion, profile, oldProfile].map(\.declaration))
  static let places = SettingGroup(
    "where the tables are",
    [endpoint, oldEndpoint, newEndpoint, region, oldRegion, newRegion, profile, oldProfile, newProfile].map(\.declaration))
  static let output = SettingGroup(
    "output", [json.declaration, logLevel.declaration, logFormat.declaration, printConfig.declaration])
  /// For commands whose result is JSON anyway.
  static let diagnostics = SettingGroup(
    "diagnostics", [logLevel.declaration, logFormat.declaration, printConfig.declaration])
}
