import TestSupport
import Testing

/// `dualtable local` as boto3 and the AWS command line see it: each case of `Tests/local.py` starts the tool itself.
@Suite("SDKs of others")
struct SDKTests {
  @Test(
    "works with boto3 and the AWS command line", .enabled("run by Tests/run, which makes a Python environment") { PythonCases.canRun },
    arguments: [
      "tables", "items", "command_line", "operator", "browser", "signatures", "clock_skew", "capacity", "faults", "retries", "lag", "data",
      "refusals",
      "start",
    ])
  func works(_ name: String) {
    let (passed, output) = PythonCases("local.py").run(name)
    #expect(passed, "\(output)")
  }
}
