import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Testing

@testable import DualTableCommand

@Suite struct FenceCommandTests {
  /// What a write to OLD by anybody comes to.
  private func write(_ place: ControlPlace) async -> DynamoDBError.Code? {
    do {
      _ = try await place.client.putItem(PutItemInput(tableName: "users", item: ["id": "x"]))
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a fence is raised, read back and lifted, each with its status`() throws {
    let place = ControlPlace()
    let (before, raised, check, write, again, lifted, after, none) = try place.time.run {
      try await place.makeTables()
      let before = await place.run("fence --check --json")
      let raised = await place.run("fence --yes")
      let check = await place.run("fence --check")
      let write = await self.write(place)
      let again = await place.run("fence --yes --json")
      let lifted = await place.run("fence --lift --json")
      return (before, raised, check, write, again, lifted, await self.write(place), await place.run("fence --lift"))
    }
    #expect(before.status == .findings && before.output == #"{"table":"users","fenced":false}"# + "\n")
    #expect(raised.status == .done && raised.output == "The fence of users holds: no write has passed for 60 seconds.\n")
    #expect(raised.error.contains("writes refused for 5") && raised.error.hasPrefix("fence  00:00:"), "\(raised.error)")
    #expect(check.status == .done && check.output == "The policy of users denies every write.\n")
    #expect(write == .accessDenied)
    #expect(again.status == .done && again.output == #"{"table":"users","fenced":true}"# + "\n", "\(again.error)")
    #expect(lifted.status == .done && lifted.output == #"{"table":"users","fenced":false}"# + "\n")
    #expect(after == nil && none.output == "There was no fence of users to lift.\n")
  }

  @Test func `interrupted, it says that the fence may stand and how to end it`() throws {
    let place = ControlPlace()
    let (run, check) = try place.time.run {
      try await place.makeTables()
      async let run = place.run("fence --yes")
      try await place.time.sleep(for: .seconds(20))
      place.stop.request(.interrupted)
      return (await run, await place.run("fence --check"))
    }
    #expect(run.status == .interrupted && run.output.isEmpty)
    #expect(
      run.error.hasSuffix(
        "Interrupted; if a fence of users stands, it stays, and writes fail: 'fence --check' tells, 'fence --lift' ends it.\n"))
    #expect(check.status == .done)
  }

  @Test func `an engine without resource policies is told as such`() throws {
    let place = ControlPlace()
    let run = try place.time.run {
      try await place.makeTables()
      place.engine.follow { arrival, _ in
        arrival.operation == "GetResourcePolicy" ? .service("UnknownOperationException", "") : nil
      }
      return await place.run("fence --yes")
    }
    #expect(run.status == .failed)
    #expect(run.error.hasPrefix("Error: This engine has no resource policies, so that users can't be fenced: stop its writers instead."))
  }
}
