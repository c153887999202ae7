internal import DualTableBackfill
internal import DynamoDBModel

// What each part may do, and nothing else.
extension StepFunctionsTemplate {
  private static let tasks = ["BackfillTask", "VerifyTask", "ReportTask"]

  private static func role(_ service: String, _ statements: [JSONValue]) -> JSONValue {
    let trust = object([
      ("Effect", .string("Allow")), ("Principal", object([("Service", .string(service))])), ("Action", .string("sts:AssumeRole")),
      // Nobody else's tasks may be handed it.
      ("Condition", object([("StringEquals", object([("aws:SourceAccount", ref("AWS::AccountId"))]))])),
    ])
    return object([
      ("Type", .string("AWS::IAM::Role")),
      (
        "Properties",
        object([
          ("AssumeRolePolicyDocument", policy([trust])),
          ("Policies", .array([object([("PolicyName", .string("migration")), ("PolicyDocument", policy(statements))])])),
        ])
      ),
    ])
  }

  private static func policy(_ statements: [JSONValue]) -> JSONValue {
    object([("Version", .string("2012-10-17")), ("Statement", .array(statements))])
  }

  private static func allow(_ actions: [String], _ resources: [JSONValue], _ more: [(String, JSONValue)] = []) -> JSONValue {
    object(
      [("Effect", .string("Allow")), ("Action", .array(actions.map { .string($0) })), ("Resource", .array(resources))] + more)
  }

  /// What the tool does in a role, as `iam` prints it.
  func taskRole(_ role: MigrationRole) throws(CommandError) -> JSONValue {
    let place = ResourceNames.Place(region: fleet.region ?? "${AWS::Region}", account: "${AWS::AccountId}")
    let names = try ResourceNames(
      old: fleet.old, new: fleet.new, control: fleet.control, oldPlace: { () throws(CommandError) in place },
      newPlace: { () throws(CommandError) in place })
    let document = PolicyDocument(Permission.needed(by: role, writeMode: writeMode), names: names).json
    return Self.role("ecs-tasks.amazonaws.com", (document["Statement"]?.array ?? []).map(Self.substituted))
  }

  /// A statement whose resources say where the stack is by CloudFormation's own names.
  private static func substituted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text) where text.contains("${AWS::"):
      sub(text.hasPrefix("arn:aws:") ? "arn:${AWS::Partition}:" + text.dropFirst("arn:aws:".count) : text)
    case .array(let values): .array(values.map(substituted))
    case .object(let members): .object(members.map { .init($0.name, substituted($0.value)) })
    default: value
    }
  }

  /// What starts a task: the image and the log.
  var executionRole: JSONValue {
    Self.role(
      "ecs-tasks.amazonaws.com",
      [
        Self.allow(["logs:CreateLogStream", "logs:PutLogEvents"], [Self.arn(of: "Logs")]),
        Self.allow(["ecr:GetAuthorizationToken"], [.string("*")]),
        Self.allow(
          ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          [Self.sub("arn:${AWS::Partition}:ecr:*:*:repository/\(repository)")]),
      ])
  }

  /// The repository of the image, should it be in a registry of AWS's; any where the parameter may name another.
  private var repository: String {
    let path = fleet.image.split(separator: "/", maxSplits: 1)
    guard path.count == 2, path[0].contains(".dkr.ecr.") else { return "*" }
    return path[1].split(separator: "@")[0].split(separator: ":").first.map { String($0) } ?? "*"
  }

  var stateMachineRole: JSONValue {
    let inCluster = ("Condition", Self.object([("ArnEquals", Self.object([("ecs:cluster", Self.arn(of: "Cluster"))]))]))
    let toTasks = (
      "Condition", Self.object([("StringEquals", Self.object([("iam:PassedToService", .string("ecs-tasks.amazonaws.com"))]))])
    )
    return Self.role(
      "states.amazonaws.com",
      [
        Self.allow(["ecs:RunTask"], Self.tasks.map(Self.ref), [inCluster]),
        Self.allow(["ecs:StopTask", "ecs:DescribeTasks"], [.string("*")], [inCluster]),
        Self.allow(
          ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
          [Self.sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForECSTaskRule")]),
        Self.allow(["iam:PassRole"], ["ExecutionRole", "WorkerRole", "VerifierRole"].map(Self.arn), [toTasks]),
      ])
  }
}
