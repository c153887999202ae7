internal import AWSAuth
internal import DualTableBackfill
internal import DynamoDBModel

/// A CloudFormation template: workers as Fargate tasks, and the state machine that runs them, verifies and reports.
struct StepFunctionsTemplate: Sendable {
  let fleet: WorkerFleet
  let writeMode: Backfill.Configuration.WriteMode

  /// What a map in a state machine runs at once.
  static let mostWorkers = 40
  /// A task definition has room for 64 KB; the mapping is a variable there.
  private static let longestMapping = 48 << 10
  private static let mappingFile = "\(WorkerFleet.folder)/mapping.yaml"

  /// The template.
  ///
  /// - Throws: `CommandError` where the mapping doesn't fit, or something is in it that CloudFormation would take for its own.
  func text() throws(CommandError) -> String {
    guard fleet.workers <= Self.mostWorkers else {
      throw CommandError("A state machine runs \(Self.mostWorkers) workers at once; give --workers so many, or take Kubernetes.")
    }
    if let mapping = fleet.mapping, mapping.utf8.count > Self.longestMapping {
      throw CommandError(
        "The mapping has \(Figures.count(mapping.utf8.count)) bytes and a task definition has room for "
          + "\(Figures.count(Self.longestMapping)) of it; build an executable with the mapping in it.")
    }
    for text in [fleet.mapping ?? "", fleet.old, fleet.new, fleet.control, fleet.region ?? ""] + fleet.endpoints {
      // Looked for in every text of a template, and put in place of it.
      guard !text.contains("{{resolve:") else {
        throw CommandError("CloudFormation would take '{{resolve:' for its own; take it out of the mapping and the names.")
      }
    }
    return YAMLFile.text([
      Self.object([
        ("AWSTemplateFormatVersion", .string("2010-09-09")),
        ("Description", .string("Workers that migrate \(Self.plain(fleet.old)) to \(Self.plain(fleet.new)), run by a state machine.")),
        ("Parameters", parameters), ("Resources", try resources()), ("Outputs", outputs),
      ])
    ])
  }

  /// The table's own name.
  private static func plain(_ table: String) -> Substring { table.split(separator: "/").last ?? table[...] }

  static func object(_ members: [(String, JSONValue)]) -> JSONValue { .object(members.map { .init($0.0, $0.1) }) }
  static func number(_ value: Int) -> JSONValue { .number("\(value)") }
  static func ref(_ name: String) -> JSONValue { object([("Ref", .string(name))]) }
  static func arn(of name: String) -> JSONValue { object([("Fn::GetAtt", .array([.string(name), .string("Arn")]))]) }
  static func sub(_ text: String) -> JSONValue { object([("Fn::Sub", .string(text))]) }
  private static func resource(_ type: String, _ properties: [(String, JSONValue)]) -> JSONValue {
    object([("Type", .string(type)), ("Properties", object(properties))])
  }

  // MARK: - Parameters

  private var parameters: JSONValue {
    func parameter(_ name: String, _ type: String, _ description: String, _ more: [(String, JSONValue)] = []) -> (String, JSONValue) {
      (name, Self.object([("Type", .string(type)), ("Description", .string(description))] + more))
    }
    func value(_ value: JSONValue) -> (String, JSONValue) { ("Default", value) }
    let workers = [("MinValue", Self.number(1)), ("MaxValue", Self.number(Self.mostWorkers))]
    return Self.object([
      parameter("Subnets", "List<AWS::EC2::Subnet::Id>", "Where the tasks run; they must reach DynamoDB and the image's registry."),
      parameter("SecurityGroups", "List<AWS::EC2::SecurityGroup::Id>", "What the tasks may reach; nothing has to reach them."),
      parameter(
        "AssignPublicIp", "String", "Whether tasks have addresses of their own, as in a public subnet without a gateway.",
        [value(.string("DISABLED")), ("AllowedValues", .array([.string("DISABLED"), .string("ENABLED")]))]),
      parameter("Image", "String", "The container image that holds the tool.", [value(.string(fleet.image))]),
      parameter("Workers", "Number", "Workers at once.", [value(Self.number(fleet.workers))] + workers),
      parameter("Cpu", "String", "Of a task, in 1,024ths of a processor.", [value(.string("512"))]),
      parameter("Memory", "String", "Of a task, in MB.", [value(.string("1024"))]),
      parameter("LogDays", "Number", "How long logs are kept.", [value(Self.number(30))]),
    ])
  }

  // MARK: - Resources

  private func resources() throws(CommandError) -> JSONValue {
    let machine = MigrationStateMachine(name: fleet.name, partition: AWSPartition.of(region: fleet.region ?? "").name)
    return Self.object([
      ("Cluster", Self.resource("AWS::ECS::Cluster", [])), ("Logs", logs), ("ExecutionRole", executionRole),
      ("WorkerRole", try taskRole(.backfill)), ("VerifierRole", try taskRole(.verifier)),
      ("BackfillTask", task(fleet.line("backfill", mappingAt: Self.mappingFile, fleet.flags + machine.limits), role: "WorkerRole")),
      ("VerifyTask", task(fleet.line("verify", mappingAt: Self.mappingFile, machine.limits), role: "VerifierRole")),
      // Of the whole migration, to be read in the log; what is told is where the workers lease segments.
      ("ReportTask", task(fleet.line("report", mappingAt: nil, ["--json"]), role: "WorkerRole", isMapped: false)),
      ("StateMachineRole", stateMachineRole),
      (
        "StateMachine",
        Self.resource(
          "AWS::StepFunctions::StateMachine",
          [
            ("RoleArn", Self.arn(of: "StateMachineRole")), ("Definition", machine.definition),
            ("DefinitionSubstitutions", machine.substitutions),
          ])
      ),
    ])
  }

  private var outputs: JSONValue {
    func output(_ description: String, _ value: JSONValue) -> JSONValue {
      Self.object([("Description", .string(description)), ("Value", value)])
    }
    return Self.object([
      ("StateMachineArn", output("What 'aws stepfunctions start-execution --state-machine-arn' takes.", Self.ref("StateMachine"))),
      ("LogGroup", output("Where the workers' logs and the report are.", Self.ref("Logs"))),
    ])
  }

  private var logs: JSONValue {
    Self.object([
      ("Type", .string("AWS::Logs::LogGroup")),
      // The report is in it.
      ("DeletionPolicy", .string("Retain")), ("UpdateReplacePolicy", .string("Retain")),
      ("Properties", Self.object([("RetentionInDays", Self.ref("LogDays"))])),
    ])
  }

  /// A task of one container, whose file system can't be written but for its state.
  private func task(_ line: [String], role: String, isMapped: Bool = true) -> JSONValue {
    let state = "state"
    var variables = [("AWS_REGION", fleet.region.map { .string($0) } ?? Self.ref("AWS::Region"))]
    var start: [String] = [fleet.tool]
    if isMapped, let mapping = fleet.mapping {
      // Nothing but variables reaches a task on Fargate; the shell makes a file of this one.
      variables.append(("MAPPING_YAML", .string(mapping)))
      start = ["/bin/sh", "-c", "printf '%s' \"$MAPPING_YAML\" > \(Self.mappingFile) && exec \(fleet.tool) \"$@\"", "sh"]
    }
    let container = Self.object([
      ("Name", .string(MigrationStateMachine.container)), ("Image", Self.ref("Image")), ("Essential", .bool(true)),
      ("EntryPoint", .array(start.map { .string($0) })), ("Command", .array(line.map { .string($0) })),
      ("Environment", .array(variables.map { Self.object([("Name", .string($0.0)), ("Value", $0.1)]) })),
      ("WorkingDirectory", .string(WorkerFleet.folder)), ("ReadonlyRootFilesystem", .bool(true)), ("StopTimeout", Self.number(30)),
      (
        "MountPoints",
        .array([
          Self.object([
            ("SourceVolume", .string(state)), ("ContainerPath", .string(WorkerFleet.folder)), ("ReadOnly", .bool(false)),
          ])
        ])
      ),
      (
        "LogConfiguration",
        Self.object([
          ("LogDriver", .string("awslogs")),
          (
            "Options",
            Self.object([
              ("awslogs-group", Self.ref("Logs")), ("awslogs-region", Self.ref("AWS::Region")),
              ("awslogs-stream-prefix", .string(line[0])),
            ])
          ),
        ])
      ),
    ])
    return Self.resource(
      "AWS::ECS::TaskDefinition",
      [
        ("RequiresCompatibilities", .array([.string("FARGATE")])), ("NetworkMode", .string("awsvpc")), ("Cpu", Self.ref("Cpu")),
        ("Memory", Self.ref("Memory")), ("ExecutionRoleArn", Self.arn(of: "ExecutionRole")), ("TaskRoleArn", Self.arn(of: role)),
        ("Volumes", .array([Self.object([("Name", .string(state))])])), ("ContainerDefinitions", .array([container])),
      ])
  }
}
