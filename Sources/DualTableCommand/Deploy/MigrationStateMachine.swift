internal import DynamoDBModel

/// The state machine in Amazon's language for them: workers that backfill, each again as long as it has more to do, workers that verify, then
/// the report.
struct MigrationStateMachine: Sendable {
  /// The name of each task's container.
  static let container = "dualtable"
  /// How often a worker may fail, over all its tasks.
  private static let mostFailures = 20
  /// A worker ends by itself and is started anew; the task's own limit is for one that hangs.
  private static let (workerHours, taskHours, machineDays) = (12, 13, 90)

  let name: String
  /// The partition that the stack is in, as ARNs name it.
  let partition: String

  /// What a worker is told of its time.
  var limits: [String] { ["--time-limit=\(Self.workerHours)h"] }

  private static func object(_ members: [(String, JSONValue)]) -> JSONValue { StepFunctionsTemplate.object(members) }
  private static func number(_ value: Int) -> JSONValue { StepFunctionsTemplate.number(value) }
  private static func state(_ type: String, _ members: [(String, JSONValue)]) -> JSONValue { object([("Type", .string(type))] + members) }
  private static func next(_ state: String) -> (String, JSONValue) { ("Next", .string(state)) }

  /// What the definition has for names in `${}`.
  var substitutions: JSONValue {
    func list(_ name: String) -> JSONValue {
      Self.object([("Fn::Join", .array([.string(","), StepFunctionsTemplate.ref(name)]))])
    }
    return Self.object([
      ("Cluster", StepFunctionsTemplate.arn(of: "Cluster")),
      ("BackfillTask", StepFunctionsTemplate.ref("BackfillTask")), ("VerifyTask", StepFunctionsTemplate.ref("VerifyTask")),
      ("ReportTask", StepFunctionsTemplate.ref("ReportTask")), ("Subnets", list("Subnets")), ("SecurityGroups", list("SecurityGroups")),
      ("AssignPublicIp", StepFunctionsTemplate.ref("AssignPublicIp")), ("Workers", StepFunctionsTemplate.ref("Workers")),
    ])
  }

  var definition: JSONValue {
    Self.object([
      ("Comment", .string("\(name): backfill and verification by workers, report")), ("StartAt", .string("Workers")),
      ("TimeoutSeconds", Self.number(Self.machineDays * 86_400)),
      (
        "States",
        Self.object([
          (
            "Workers",
            Self.state(
              "Pass", [("Parameters", Self.object([("workers.$", .string("States.ArrayRange(1, ${Workers}, 1)"))])), Self.next("Backfill")])
          ),
          ("Backfill", backfill),
          ("Verify", verify),
          ("Report", report),
          (
            "Judge",
            Self.state(
              "Choice",
              [
                (
                  "Choices",
                  .array([Self.object([("Variable", .string("$.failed")), ("IsPresent", .bool(true)), Self.next("NotVerified")])])
                ), ("Default", .string("Done")),
              ])
          ),
          (
            "NotVerified",
            Self.state(
              "Fail",
              [
                ("Error", .string("NotVerified")),
                ("Cause", .string("The verification found something or could not tell; its log and the report say what.")),
              ])
          ),
          ("Done", Self.state("Succeed", [])),
        ])
      ),
    ])
  }

  // MARK: - Tasks

  private func task(_ definition: String, _ more: [(String, JSONValue)]) -> JSONValue {
    let network = Self.object([
      ("Subnets.$", .string("States.StringSplit('${Subnets}', ',')")),
      ("SecurityGroups.$", .string("States.StringSplit('${SecurityGroups}', ',')")), ("AssignPublicIp", .string("${AssignPublicIp}")),
    ])
    return Self.state(
      "Task",
      [
        ("Resource", .string("arn:\(partition):states:::ecs:runTask.sync")),
        (
          "Parameters",
          Self.object([
            ("Cluster", .string("${Cluster}")), ("TaskDefinition", .string("${\(definition)}")), ("LaunchType", .string("FARGATE")),
            ("NetworkConfiguration", Self.object([("AwsvpcConfiguration", network)])),
          ])
        ), ("TimeoutSeconds", Self.number(Self.taskHours * 3_600)),
        // What keeps a task from starting passes; what a task itself ends with is judged by its exit status.
        (
          "Retry",
          .array([
            Self.object([
              (
                "ErrorEquals",
                .array(["ECS.AmazonECSException", "ECS.ServerException", "ECS.SdkClientException"].map { .string($0) })
              ), ("IntervalSeconds", Self.number(5)), ("BackoffRate", Self.number(2)), ("MaxAttempts", Self.number(8)),
              ("MaxDelaySeconds", Self.number(300)), ("JitterStrategy", .string("FULL")),
            ])
          ])
        ),
      ] + more)
  }

  private func caught(_ next: String) -> (String, JSONValue) {
    (
      "Catch",
      .array([
        Self.object([("ErrorEquals", .array([.string("States.ALL")])), ("ResultPath", .string("$.failed")), Self.next(next)])
      ])
    )
  }

  /// Whatever became of the rest; that it can't be made changes nothing of that.
  private var report: JSONValue { task("ReportTask", [("ResultPath", .null), caught("Judge"), Self.next("Judge")]) }

  // MARK: - Workers

  /// Every worker by itself: one that gives up leaves its segments to the others, and what nobody did the verification finds.
  private var backfill: JSONValue { map(worker("BackfillTask", findings: "Finished", givenUp: "Finished"), [Self.next("Verify")]) }

  /// Who is there at the run's end knows the result; one that isn't clean, or a worker that gives up, is for people to look at.
  private var verify: JSONValue {
    let notClean = Self.state(
      "Fail", [("Error", .string("NotClean")), ("Cause", .string("This worker ended with findings, or could not tell."))])
    return map(
      worker("VerifyTask", findings: "NotClean", givenUp: "NotClean") + [("NotClean", notClean)], [caught("Report"), Self.next("Report")])
  }

  private func map(_ states: [(String, JSONValue)], _ more: [(String, JSONValue)]) -> JSONValue {
    Self.state(
      "Map",
      [
        ("ItemsPath", .string("$.workers")), ("MaxConcurrency", Self.number(StepFunctionsTemplate.mostWorkers)),
        (
          "ItemSelector",
          Self.object([("worker.$", .string("$$.Map.Item.Value")), ("failures", Self.number(0))])
        ),
        (
          "ItemProcessor",
          Self.object([
            ("ProcessorConfig", Self.object([("Mode", .string("INLINE"))])), ("StartAt", .string("Work")),
            ("States", Self.object(states)),
          ])
        ), ("ResultPath", .null),
      ] + more)
  }

  /// A worker's states.
  ///
  /// - Parameters:
  ///   - task: the task definition that it runs.
  ///   - findings: where it goes that is done, and found something.
  ///   - givenUp: where it goes that failed too often.
  private func worker(_ task: String, findings: String, givenUp: String) -> [(String, JSONValue)] {
    func choice(_ choices: [JSONValue], _ otherwise: String) -> JSONValue {
      Self.state("Choice", [("Choices", .array(choices)), ("Default", .string(otherwise))])
    }
    func exit(_ status: ToolStatus, _ next: String) -> JSONValue {
      Self.object([("Variable", .string("$.exit")), ("NumericEquals", Self.number(Int(status.rawValue))), Self.next(next)])
    }
    func pass(_ parameters: [(String, String)], _ next: String) -> JSONValue {
      Self.state(
        "Pass", [("Parameters", Self.object(parameters.map { ($0.0, .string($0.1)) })), Self.next(next)])
    }
    return [
      ("Work", self.task(task, [("ResultPath", .null), caught("Ended"), Self.next("Finished")])),
      // A task that ended tells itself in the cause, as JSON.
      (
        "Ended",
        choice(
          [Self.object([("Variable", .string("$.failed.Cause")), ("StringMatches", .string("{*")), Self.next("Read")])], "Count")
      ),
      (
        "Read",
        pass(
          [("worker.$", "$.worker"), ("failures.$", "$.failures"), ("task.$", "States.StringToJson($.failed.Cause)")], "HasBegun")
      ),
      // One whose image can't be had has no exit status.
      (
        "HasBegun",
        choice(
          [Self.object([("Variable", .string("$.task.Containers[0].ExitCode")), ("IsPresent", .bool(true)), Self.next("Exit")])], "Count")
      ),
      (
        "Exit",
        pass(
          [
            ("worker.$", "$.worker"), ("failures.$", "$.failures"),
            ("exit.$", "States.ArrayGetItem($.task.Containers[*].ExitCode, 0)"),
          ], "Weigh")
      ),
      // With findings the worker is done, and at its limit of time there is more to do.
      ("Weigh", choice([exit(.findings, findings), exit(.limit, "Work")], "Count")),
      ("Count", pass([("worker.$", "$.worker"), ("failures.$", "States.MathAdd($.failures, 1)")], "Enough")),
      (
        "Enough",
        choice(
          [
            Self.object([
              ("Variable", .string("$.failures")), ("NumericGreaterThanEquals", Self.number(Self.mostFailures)), Self.next(givenUp),
            ])
          ], "Pause")
      ),
      ("Pause", Self.state("Wait", [("Seconds", Self.number(30)), Self.next("Work")])),
      ("Finished", Self.state("Succeed", [])),
    ]
  }
}
