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

  /// Each reads the file piece by piece, and a signal only asks it to stop in between.
  @Test(.timeLimit(.minutes(1)), arguments: ["rehearse --input FILE", "backfill --offline --mapping users.yaml --keys FILE"])
  func `what has no end is refused before it is read`(_ line: String) async throws {
    let place = await PlantedLinkTests.place(items: 2)
    for file in ["/dev/zero", "/dev/null"] {
      let run = await place.run(line.replacing("FILE", with: file))
      #expect(run.status == .failed && run.error == "Error: \(file) is no plain file: write what it would hold to one, and name that.\n")
    }
  }
}
