internal import DynamoDBModel

/// A Job of workers on Kubernetes, and what it needs around it.
struct KubernetesManifest: Sendable {
  let fleet: WorkerFleet
  /// The IAM role that the service account stands for; nil: the cluster gives it one otherwise, as by a pod identity association.
  let roleARN: String?
  let namespace: String?

  /// Nobody in particular, as images without a shell call it.
  private static let user = 65_532
  private static let container = "worker"
  /// Where the config map is mounted, and its one file.
  private static let (mappingFolder, mappingFile) = ("/etc/dualtable", "mapping.yaml")

  /// The documents of the manifest.
  var text: String {
    var documents = [serviceAccount]
    if let mapping = fleet.mapping {
      // A mapping file may be as long as what a config map holds: 1 MB.
      documents.append(configMap(mapping))
    }
    documents.append(job)
    // A single worker must not keep a node from being drained.
    if fleet.workers > 1 { documents.append(disruptionBudget) }
    return YAMLFile.text(documents)
  }

  // MARK: - Objects

  private static func object(_ members: [(String, JSONValue)]) -> JSONValue { .object(members.map { .init($0.0, $0.1) }) }
  private static func number(_ value: Int) -> JSONValue { .number("\(value)") }

  private var labels: JSONValue {
    Self.object([
      ("app.kubernetes.io/name", .string("dualtable")), ("app.kubernetes.io/instance", .string(fleet.name)),
      ("app.kubernetes.io/component", .string("backfill")),
    ])
  }

  private func metadata(_ name: String, annotations: [(String, JSONValue)] = []) -> JSONValue {
    Self.object(
      [("name", .string(name))] + (namespace.map { [("namespace", .string($0))] } ?? []) + [("labels", labels)]
        + (annotations.isEmpty ? [] : [("annotations", Self.object(annotations))]))
  }

  private var serviceAccount: JSONValue {
    Self.object([
      ("apiVersion", .string("v1")), ("kind", .string("ServiceAccount")),
      ("metadata", metadata(fleet.name, annotations: roleARN.map { [("eks.amazonaws.com/role-arn", .string($0))] } ?? [])),
      // The workers never ask the cluster anything; the token for IAM is another one.
      ("automountServiceAccountToken", .bool(false)),
    ])
  }

  /// One a mapping: workers that run keep theirs.
  private var mappingName: String { "\(fleet.name)-\(fleet.digest.prefix(8))" }

  private func configMap(_ mapping: String) -> JSONValue {
    Self.object([
      ("apiVersion", .string("v1")), ("kind", .string("ConfigMap")), ("metadata", metadata(mappingName)), ("immutable", .bool(true)),
      ("data", Self.object([(Self.mappingFile, .string(mapping))])),
    ])
  }

  private var disruptionBudget: JSONValue {
    Self.object([
      ("apiVersion", .string("policy/v1")), ("kind", .string("PodDisruptionBudget")), ("metadata", metadata(fleet.name)),
      (
        "spec",
        Self.object([
          // Of a Job's pods only a number that stays can be asked for. Half: the rest of a run must not hold up a node for hours.
          ("minAvailable", Self.number(fleet.workers / 2)), ("selector", Self.object([("matchLabels", labels)])),
          ("unhealthyPodEvictionPolicy", .string("AlwaysAllow")),
        ])
      ),
    ])
  }

  // MARK: - The Job

  private var job: JSONValue {
    Self.object([
      ("apiVersion", .string("batch/v1")), ("kind", .string("Job")), ("metadata", metadata(fleet.name)),
      (
        "spec",
        Self.object([
          ("completionMode", .string("Indexed")), ("completions", Self.number(fleet.workers)), ("parallelism", Self.number(fleet.workers)),
          ("backoffLimitPerIndex", Self.number(20)), ("podFailurePolicy", failurePolicy),
          // A week to read logs in.
          ("ttlSecondsAfterFinished", Self.number(7 * 86_400)),
          ("template", Self.object([("metadata", Self.object([("labels", labels)])), ("spec", pod)])),
        ])
      ),
    ])
  }

  /// A pod that was evicted is no failure, and one that ended with findings would only find them again.
  private var failurePolicy: JSONValue {
    Self.object([
      (
        "rules",
        .array([
          Self.object([
            ("action", .string("Ignore")),
            ("onPodConditions", .array([Self.object([("type", .string("DisruptionTarget")), ("status", .string("True"))])])),
          ]),
          Self.object([
            ("action", .string("FailIndex")),
            (
              "onExitCodes",
              Self.object([
                ("containerName", .string(Self.container)), ("operator", .string("In")),
                ("values", .array([Self.number(Int(ToolStatus.findings.rawValue))])),
              ])
            ),
          ]),
        ])
      )
    ])
  }

  private var pod: JSONValue {
    Self.object([
      ("serviceAccountName", .string(fleet.name)), ("automountServiceAccountToken", .bool(false)), ("enableServiceLinks", .bool(false)),
      ("restartPolicy", .string("Never")),
      // A worker that is asked to end checkpoints and does so within ten.
      ("terminationGracePeriodSeconds", Self.number(30)),
      (
        "securityContext",
        Self.object([
          ("runAsNonRoot", .bool(true)), ("runAsUser", Self.number(Self.user)), ("runAsGroup", Self.number(Self.user)),
          ("fsGroup", Self.number(Self.user)), ("seccompProfile", Self.object([("type", .string("RuntimeDefault"))])),
        ])
      ),
      // What one machine's network can't do is why there are several workers.
      (
        "topologySpreadConstraints",
        .array([
          Self.object([
            ("maxSkew", Self.number(1)), ("topologyKey", .string("kubernetes.io/hostname")),
            ("whenUnsatisfiable", .string("ScheduleAnyway")),
            ("labelSelector", Self.object([("matchLabels", labels)])),
          ])
        ])
      ),
      ("containers", .array([worker])), ("volumes", .array(volumes.map(\.volume))),
    ])
  }

  private var worker: JSONValue {
    Self.object(
      [
        ("name", .string(Self.container)), ("image", .string(fleet.image)),
        ("command", .array([.string(fleet.tool)])), ("args", .array(arguments)), ("workingDir", .string(WorkerFleet.folder)),
      ]
        + (fleet.region.map { [("env", .array([Self.object([("name", .string("AWS_REGION")), ("value", .string($0))])]))] } ?? [])
        + [
          (
            "resources",
            Self.object([
              ("requests", Self.object([("cpu", .string("500m")), ("memory", .string(memory)), ("ephemeral-storage", .string("64Mi"))])),
              ("limits", Self.object([("memory", .string(memory)), ("ephemeral-storage", .string("256Mi"))])),
            ])
          ),
          (
            "securityContext",
            Self.object([
              ("allowPrivilegeEscalation", .bool(false)), ("readOnlyRootFilesystem", .bool(true)),
              ("capabilities", Self.object([("drop", .array([.string("ALL")]))])),
            ])
          ),
          ("volumeMounts", .array(volumes.map(\.mount))),
        ])
  }

  private var arguments: [JSONValue] {
    fleet.line("backfill", mappingAt: "\(Self.mappingFolder)/\(Self.mappingFile)", fleet.flags).map {
      // Kubernetes puts the value of a variable for `$(NAME)`.
      .string($0.replacing("$(", with: "$$("))
    }
  }

  /// What is in flight several times over, for what else the process holds, and room for the kernel's pages of its files.
  private var memory: String { "\(192 + 4 * (fleet.memoryLimit >> 20))Mi" }

  private var volumes: [(volume: JSONValue, mount: JSONValue)] {
    func volume(_ name: String, at path: String, _ source: (String, JSONValue), isReadOnly: Bool) -> (JSONValue, JSONValue) {
      (
        Self.object([("name", .string(name)), source]),
        Self.object([("name", .string(name)), ("mountPath", .string(path)), ("readOnly", .bool(isReadOnly))])
      )
    }
    let state = volume(
      "state", at: WorkerFleet.folder, ("emptyDir", Self.object([("sizeLimit", .string("128Mi"))])), isReadOnly: false)
    guard fleet.mapping != nil else { return [state] }
    let source = ("configMap", Self.object([("name", .string(mappingName))]))
    return [volume("mapping", at: Self.mappingFolder, source, isReadOnly: true), state]
  }
}
