internal import ArgumentParsing
internal import DualTableBackfill
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Prints what each role must be allowed.
  static func iam(tool: String) -> ToolCommand {
    ToolCommand(
      name: "iam", abstract: "Prints the least that the service, the backfill, the verifier and the operator must be allowed.",
      discussion: "Asks nobody: the tables are given by ARN, or by name, region and account.\n"
        + "service: the instances, by the repository. backfill: backfill, redrive and verify --repair. verifier: verify, which writes to "
        + "neither table. operator: plan, phase, cutover, fence and sweep.\n"
        + "As text a line an action; with --json the policy document, or with --role all an object with that of each role.\n"
        + "Exit status: 0 done; 2 could not.",
      examples: [
        .init(
          "\(tool) iam --role all --old users --new users-v2 --control migrations --region eu-central-1 --account 123456789012",
          "Lists what each role does to which table, and what for."),
        .init(
          "\(tool) iam --role backfill --write-mode batch --json --old users --new users-v2 --region eu-central-1 --account 123456789012",
          "Prints the policy that aws iam create-policy --policy-document takes, for a backfill in batches."),
      ],
      groups: [IAMSettings.tables, IAMSettings.places, IAMSettings.group, SharedSettings.output], run: IAMSettings.run)
  }
}

enum IAMSettings {
  /// A role, or each of them.
  enum Role: String, Sendable, CaseIterable {
    case service, backfill, verifier, `operator`, all

    var roles: [MigrationRole] { MigrationRole(rawValue: rawValue).map { [$0] } ?? MigrationRole.allCases }
  }

  static let role = Setting<Role>.choice("role", "role", "Whose policy to print.", isRequired: true)
  static let phase = Setting<PhaseName>.choice(
    "phase", "phase", "Only what is needed in this phase; a step needs the next one's too.", default: "all of them")
  static let account = Setting.text("account", "number", "The account of the tables that are given by name.")
  static let tables = SettingGroup(
    "tables", [SharedSettings.old.declaration, SharedSettings.new.declaration, SharedSettings.control.declaration])
  static let places = SettingGroup(
    "where the tables are",
    [account.declaration] + [SharedSettings.region, SharedSettings.oldRegion, SharedSettings.newRegion].map(\.declaration))
  static let group = SettingGroup("the policies", [role.declaration, phase.declaration, BackfillSettings.writeMode.declaration])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let control = try settings.value(SharedSettings.control)
    let names = try names(settings, control)
    let asked = try settings.required(role)
    let phase = try settings.value(phase)?.phase
    let writeMode = try settings.value(BackfillSettings.writeMode) ?? .put
    var policies: [(role: MigrationRole, permissions: [Permission], document: PolicyDocument)] = []
    for role in asked.roles {
      let permissions = Permission.needed(by: role, in: phase, writeMode: writeMode, hasControl: control != nil)
      let document = PolicyDocument(permissions, names: names)
      policies.append((role, permissions, document))
    }
    guard try settings.isOn(SharedSettings.json) else {
      context.terminal.result(
        policies.map { text($0.role, $0.permissions, $0.document, names) }.joined(separator: "\n\n"))
      return .done
    }
    let json: JSONValue = asked == .all ? .object(policies.map { .init($0.role.rawValue, $0.document.json) }) : policies[0].document.json
    context.terminal.result(json.text)
    return .done
  }

  private static func names(_ settings: Settings, _ control: String?) throws(CommandError) -> ResourceNames {
    func place(_ side: Setting<String>) throws(CommandError) -> ResourceNames.Place {
      guard let account = try settings.value(account) else {
        throw CommandError("Whose tables they are isn't said; give --account, or the tables by their ARNs.")
      }
      guard account.utf8.count == 12, account.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw CommandError("'\(account)' isn't a value of --account; give an account's twelve digits.")
      }
      guard let region = try settings.value(side, SharedSettings.region) else {
        throw CommandError("No region is set; give --region or set AWS_REGION, or give the tables by their ARNs.")
      }
      guard region.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }) else {
        throw CommandError("'\(region)' isn't a region; give one as in eu-central-1.")
      }
      return ResourceNames.Place(region: region, account: account)
    }
    return try ResourceNames(
      old: try settings.required(SharedSettings.old), new: try settings.required(SharedSettings.new), control: control,
      oldPlace: { () throws(CommandError) in try place(SharedSettings.oldRegion) },
      newPlace: { () throws(CommandError) in try place(SharedSettings.newRegion) })
  }

  /// A line an action.
  private static func text(
    _ role: MigrationRole, _ permissions: [Permission], _ document: PolicyDocument, _ names: ResourceNames
  ) -> String {
    guard !permissions.isEmpty else { return "\(role.rawValue): nothing" }
    let rows = Permission.Resource.allCases.flatMap { resource in
      permissions.filter { $0.resource == resource }.map { ["  \($0.action.name)", names[$0.resource], $0.purpose] }
    }
    return "\(role.rawValue) (\(Figures.count(document.size)) of \(Figures.count(PolicyDocument.longest)) characters)\n"
      + Figures.columns(rows)
  }
}
