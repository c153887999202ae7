import Glibc
import TestSupport
import Testing

@testable import DualTableCommand

@Suite struct FileLimitTests {
  @Test func `a file that a flag names is read up to a limit, however long it is`() throws {
    let folder = TemporaryDirectory()
    try folder.write("mapping.yaml", [])
    // It takes no room on the disk.
    #expect(truncate("\(folder.path)/mapping.yaml", 1 << 40) == 0)
    let error = #expect(throws: CommandError.self) { _ = try Surroundings.readFile("\(folder.path)/mapping.yaml") }
    #expect(error?.description == "\(folder.path)/mapping.yaml is longer than the 64 MB that are read; check its name.")
  }
}
