internal import DualTable
internal import DynamoDBClient
internal import DynamoDBModel

/// One client of one instance: has the repository perform operations, and writes down what it was told.
package struct ModelClient: Sendable {
  package let number: Int
  package let instance: Instance
  package let forms: any RegisterForms
  package let recorder: Recorder

  package init(number: Int, instance: Instance, forms: any RegisterForms, recorder: Recorder) {
    self.number = number
    self.instance = instance
    self.forms = forms
    self.recorder = recorder
  }

  /// Performs it; true if it is decided, for or against.
  @discardableResult package func perform(_ call: Call) async -> Bool {
    let start = recorder.stamp()
    let told = call.operation == .get ? await read(call.key) : await write(call)
    note(call, start, told)
    return told.isDecided
  }

  /// Writes down what it was told; a dead process was told nothing.
  func note(_ call: Call, _ start: Int64, _ told: Told) {
    recorder.add(call, client: number, start: start, instance.isDead ? .unknown : told)
  }

  /// Reads keys as one batch; false if nobody answered.
  @discardableResult package func readAll(_ names: [String]) async -> Bool {
    let start = recorder.stamp()
    let keys = names.map { forms.newKey($0) }
    let input = BatchGetItemInput(requestItems: [forms.newTable: KeysAndAttributes(keys: keys, consistentRead: true)])
    guard let output = try? await instance.repository.batchGetItem(input), !instance.isDead else { return false }
    let unprocessed = output.unprocessedKeys[forms.newTable]?.keys ?? []
    let items = output.responses[forms.newTable] ?? []
    for (name, key) in zip(names, keys) where !unprocessed.contains(key) {
      let item = items.first { item in key.allSatisfy { item[$0.name] == $0.value } }
      note(Call(key: name, operation: .get), start, .ok(result: forms.newValue(item, of: name), tells: true))
    }
    return true
  }

  private func read(_ name: String) async -> Told {
    do {
      let output = try await instance.repository.getItem(
        GetItemInput(tableName: forms.newTable, key: forms.newKey(name), consistentRead: true))
      return .ok(result: forms.newValue(output.item, of: name), tells: true)
    } catch {
      return .nothing
    }
  }

  private func write(_ call: Call) async -> Told {
    let isInOld = forms.isInOld(call.key)
    if let tampering = instance.machine.transport.tampering, isInOld, tampering.writesBehindMigrator(call) {
      return (try? await writeOld(call, to: instance.client)) ?? .unknown
    }
    guard instance.isFleet, isInOld else { return await writeNew(call) }
    do {
      return try await instance.repository.write(
        old: { old in try await writeOld(call, to: old) }, new: { _ in await writeNew(call) })
    } catch {
      return Told(error)
    }
  }

  private func writeOld(_ call: Call, to leased: DynamoDBClient) async throws -> Told {
    let isCounted = instance.machine.transport.tampering?.countsOldWrites ?? true
    let client = isCounted ? leased : instance.client
    let options = CallOptions(resend: .unlessOutcomeUnknown)
    let attributes =
      switch forms.oldRequest(call) {
      case nil: throw NoRoom()
      case .put(let input)?: try await client.putItem(input, options: options).attributes
      case .update(let input)?: try await client.updateItem(input, options: options).attributes
      case .delete(let input)?: try await client.deleteItem(input, options: options).attributes
      }
    return .ok(result: forms.oldValue(attributes, of: call.key), tells: call.tellsResult)
  }

  private func writeNew(_ call: Call) async -> Told {
    do throws(DualTableError) {
      let attributes =
        switch forms.newRequest(call) {
        case .put(let input): try await instance.repository.putItem(input).attributes
        case .update(let input): try await instance.repository.updateItem(input).attributes
        case .delete(let input): try await instance.repository.deleteItem(input).attributes
        }
      return .ok(result: forms.newValue(attributes, of: call.key), tells: call.tellsResult)
    } catch {
      return Told(error)
    }
  }
}

/// The old format can't say this.
struct NoRoom: Error {}

extension Told {
  /// What an error says of a write that ended with it.
  init(_ error: any Error) {
    switch error {
    case let error as DynamoDBError:
      self = error.outcomeUnknown ? .unknown : error.code == .conditionalCheckFailed ? .refused : .nothing
    case let error as DualTableError:
      switch error.code {
      case .conditionFailed: self = .refused
      case .outcomeUnknown: self = .unknown
      // It was written, and only what it replaced could not be told.
      case .replacedItemUnknown: self = .ok(result: nil, tells: false)
      default: self = .nothing
      }
    default: self = .nothing
    }
  }
}
