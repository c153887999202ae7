import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

@Suite("A fence on the simulator")
struct FenceTests {
  private let time = SimulatedTime(seed: 3)

  private func table(_ engine: DynamoDBSimulator, keys: KeySchema = KeySchema(hash: .init("id", .string))) async throws -> String {
    let client = engine.client(on: time)
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: keys))
    return try await client.wait(for: .active, of: "users")?.tableArn ?? ""
  }

  private func fence(_ engine: DynamoDBSimulator) async throws -> Fence {
    try await Fence(client: engine.client(on: time), table: "users", clock: time)
  }

  @Test(
    "fence shows that a write is allowed, puts the policy, reads it back, and waits until the probe was refused for 60 s on end",
    arguments: [
      KeySchema(hash: .init("id", .string)), KeySchema(hash: .init("n", .number), range: .init("b", .binary)),
    ])
  func raised(_ keys: KeySchema) throws {
    let engine = DynamoDBSimulator(time: time)
    let (raised, seconds, write, count, lifted, after) = try time.run {
      _ = try await table(engine, keys: keys)
      let fence = try await fence(engine)
      let began = time.now
      let raised = try await fence.raise()
      let seconds = began.duration(to: time.now)
      let write = await code(engine)
      let stands = try await fence.stands()
      #expect(stands)
      let count = engine.items(in: "users").count
      return (raised, seconds, write, count, try await fence.lift(), await code(engine))
    }
    #expect(raised == .holds(wasThere: false) && seconds >= .seconds(60) && seconds < .seconds(70))
    #expect(write == .accessDenied && count == 0)
    // Any other answer than a denial: the key isn't everywhere the right one.
    #expect(lifted && after != .accessDenied)
  }

  /// What a write by anybody comes to.
  private func code(_ engine: DynamoDBSimulator) async -> DynamoDBError.Code? {
    do {
      _ = try await engine.client(on: time).deleteItem(DeleteItemInput(tableName: "users", key: ["id": "x"]))
      return nil
    } catch {
      return error.code
    }
  }

  @Test("Another policy's statements outlive raising and lifting, and a change of theirs in between is not lost")
  func otherPolicy() throws {
    let engine = DynamoDBSimulator(time: time)
    let own = #"{"Sid":"own","Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*"}"#
    let added = #"{"Sid":"added","Effect":"Allow","Principal":"*","Action":"dynamodb:Query","Resource":"*"}"#
    let (fenced, lifted) = try time.run { () -> (String, String) in
      let arn = try await table(engine)
      let client = engine.client(on: time)
      func put(_ statements: String) async throws {
        _ = try await client.putResourcePolicy(
          PutResourcePolicyInput(resourceArn: arn, policy: #"{"Version":"2012-10-17","Statement":[\#(statements)]}"#))
      }
      try await put(own)
      // Between the fence's read and its put somebody adds a statement.
      let isFirst = Mutex(true)
      engine.follow { arrival, service in
        guard arrival.operation == "PutResourcePolicy",
          isFirst.withLock({ first in
            defer { first = false }; return first
          })
        else {
          return nil
        }
        return .service("PolicyNotFoundException", "another revision stands there")
      }
      _ = try await fence(engine).raise()
      let fenced = try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn)).policy
      try await put(
        own + "," + added + "," + #"{"Sid":"DualTableFence","Effect":"Deny","Principal":"*","Action":"dynamodb:PutItem","Resource":"*"}"#)
      _ = try await fence(engine).lift()
      return (fenced, try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn)).policy)
    }
    #expect(fenced.contains(own) && fenced.contains(FencePolicy.statementID))
    #expect(lifted.contains(own) && lifted.contains(added) && !lifted.contains(FencePolicy.statementID))
  }

  @Test("A policy that spreads slowly holds only once no probe passed for a minute")
  func spreading() throws {
    let engine = DynamoDBSimulator(time: time)
    let (seconds, probes) = try time.run { () -> (Duration, Int) in
      _ = try await table(engine)
      let fence = try await fence(engine)
      let probes = Mutex(0)
      let began = time.now
      engine.follow { arrival, service in
        guard arrival.operation == "PutItem" else { return nil }
        // For half a minute, a part of the service in three doesn't know the policy yet.
        let probe = probes.withLock { count in
          count += 1
          return count
        }
        let isBehind = probe % 3 == 0 && began.duration(to: time.now) < .seconds(30)
        return isBehind ? .service("ConditionalCheckFailedException", "The conditional request failed") : nil
      }
      _ = try await fence.raise()
      return (began.duration(to: time.now), probes.withLock { $0 })
    }
    #expect(seconds >= .seconds(85) && probes >= 85, "\(seconds), \(probes)")
  }

  @Test(
    "An engine without resource policies can't be fenced, one that doesn't obey them neither, and credentials that can't write show nothing"
  )
  func unfenceable() throws {
    func error(_ script: @escaping DynamoDBSimulator.Script) throws -> MigrationControlError? {
      let time = SimulatedTime(seed: 4)
      let engine = DynamoDBSimulator(time: time)
      return try time.run {
        let client = engine.client(on: time)
        _ = try await client.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
        try await client.wait(for: .active, of: "users")
        engine.follow(script)
        do {
          _ = try await Fence(client: client, table: "users", clock: time).raise()
          return nil
        } catch let error as MigrationControlError {
          return error
        }
      }
    }
    let unknown = try error { arrival, _ in
      arrival.operation.contains("Policy") ? .service("UnknownOperationException", "") : nil
    }
    #expect(unknown?.code == .notFenced && unknown?.message.contains("has no resource policies") == true)
    let denied = try error { arrival, _ in arrival.operation == "PutItem" ? .service("AccessDeniedException", "no") : nil }
    #expect(denied?.code == .notFenced && denied?.message.contains("may not dynamodb:PutItem on users anyway") == true)
    let careless = try error { arrival, _ in
      arrival.operation == "PutItem" ? .service("ConditionalCheckFailedException", "The conditional request failed") : nil
    }
    #expect(careless?.code == .notFenced && careless?.message.contains("doesn't obey policies") == true)
  }

  @Test("Where answers are lost all the time, nobody knows whether it holds: it says so, and the fence can be taken back")
  func unanswered() throws {
    let engine = DynamoDBSimulator(time: time)
    let (error, lifted) = try time.run { () -> (MigrationControlError?, Bool) in
      _ = try await table(engine)
      let fence = try await fence(engine)
      let probes = Mutex(0)
      engine.follow { arrival, service in
        guard arrival.operation == "PutItem" else { return nil }
        let probe = probes.withLock { count in
          count += 1
          return count
        }
        return probe % 40 == 0 ? .service("InternalServerError", "", status: 500) : nil
      }
      do {
        _ = try await fence.raise()
        return (nil, false)
      } catch let error as MigrationControlError {
        return (error, try await fence.lift())
      }
    }
    #expect(error?.code == .notFenced && error?.message.contains("nobody knows whether it holds") == true && lifted)
  }

  @Test("Asked to stop, it says whether the policy was there before")
  func stopped() throws {
    let engine = DynamoDBSimulator(time: time)
    let (first, second) = try time.run {
      _ = try await table(engine)
      let fence = try await fence(engine)
      return (try await fence.raise(mustStop: { true }), try await fence.raise(mustStop: { true }))
    }
    #expect(first == .stopped(wasThere: false) && second == .stopped(wasThere: true))
  }
}
