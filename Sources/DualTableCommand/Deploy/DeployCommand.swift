internal import ArgumentParsing
internal import DualTableBackfill

extension ToolCommand {
  /// Prints what runs workers on an engine that the team operates already.
  static func deploy(tool: String) -> ToolCommand {
    ToolCommand(
      name: "deploy", abstract: "Prints manifests that run workers of a backfill on an engine you already have; applies nothing.",
      examples: [kubernetesExample(tool)], subcommands: [deployKubernetes(tool: tool), deployStepFunctions(tool: tool)])
  }

  private static func kubernetesExample(_ tool: String) -> Command.Example {
    .init(
      "\(tool) deploy kubernetes --old users --new users-v2 --mapping users.yaml --control migrations --region eu-central-1 "
        + "--image registry.example/dualtable:1 | kubectl apply --server-side -f -",
      "Starts four workers, which share the segments and the budgets by the table migrations.")
  }

  private static func deployKubernetes(tool: String) -> ToolCommand {
    ToolCommand(
      name: "kubernetes", abstract: "Prints a Job of workers, and the service account, config map and disruption budget that it needs.",
      discussion: "Nothing is applied and nobody is asked. The workers lease segments in the control table, so that any of them may be "
        + "killed, evicted and started again at any time; a worker that ends with dead letters isn't started again. What is set of the "
        + "backfill goes into the workers' command line; budgets are those of all workers together.\n"
        + "Exit status: 0 printed; 2 could not.",
      examples: [kubernetesExample(tool)],
      groups: [
        DeploySettings.tables, DeploySettings.places,
        SettingGroup(
          "the workers",
          [
            DeploySettings.image.declaration, DeploySettings.workers.declaration, DeploySettings.roleARN.declaration,
            DeploySettings.namespace.declaration,
          ]),
        DeploySettings.backfill, SharedSettings.diagnostics,
      ]
    ) { context in
      let fleet = try WorkerFleet(context)
      let manifest = KubernetesManifest(
        fleet: fleet, roleARN: try context.settings.value(DeploySettings.roleARN),
        namespace: try context.settings.value(DeploySettings.namespace))
      context.terminal.result(manifest.text)
      return .done
    }
  }

  private static func deployStepFunctions(tool: String) -> ToolCommand {
    ToolCommand(
      name: "step-functions",
      abstract: "Prints a CloudFormation template: a state machine that runs workers on Fargate, verifies and reports.",
      discussion: "Nothing is applied and nobody is asked. The template makes a cluster, task definitions, a log group, roles that allow "
        + "what the tasks do and nothing else, and the state machine; its parameters have defaults but for the subnets and security groups. What "
        + "is set of the backfill goes into the workers' command line; budgets are those of all workers together.\n"
        + "Exit status: 0 printed; 2 could not.",
      examples: [
        .init(
          "\(tool) deploy step-functions --old users --new users-v2 --mapping users.yaml --control migrations "
            + "--image registry.example/dualtable:1 > migration.yaml",
          "Writes the template that 'aws cloudformation deploy --capabilities CAPABILITY_IAM' takes.")
      ],
      groups: [
        DeploySettings.tables, DeploySettings.places,
        SettingGroup("the workers", [DeploySettings.image.declaration, DeploySettings.workers.declaration]),
        DeploySettings.backfill, SharedSettings.diagnostics,
      ]
    ) { context in
      let template = StepFunctionsTemplate(
        fleet: try WorkerFleet(context), writeMode: try context.settings.value(BackfillSettings.writeMode) ?? .put)
      context.terminal.result(try template.text())
      return .done
    }
  }
}
