import TestSupport
import Testing

/// What `deploy` prints, as code of others judges it: the cases of `Tests/deploy.py`.
@Suite struct DeployedManifestTests {
  @Test(
    "kubernetes-validate and cfn-lint find nothing, and moto's interpreter runs the state machine",
    .enabled("run by Tests/run, which makes a Python environment") { PythonCases.canRun },
    arguments: ["kubernetes", "hostile_names", "step_functions", "state_machine"])
  func judged(_ name: String) {
    let (passed, output) = PythonCases("deploy.py").run(name)
    #expect(passed, "\(output)")
  }
}
