/// What a switch's coordinator saw on the way, for the record of the step: a pure value.
struct SwitchWitness: Sendable {
  private var item: ControlItem?
  private var from: MigrationPhase?
  /// What was announced last.
  private var announced: ControlItem.Switch?
  private var known: Set<String> = []
  private var acknowledged: [StepRecord.Acknowledgement] = []
  private var dead: [String] = []

  /// Another control item is about to be written: what it asks is acknowledged anew.
  mutating func begins(_ item: ControlItem) {
    self.item = item
    // A commit and a withdrawal ask for nothing.
    guard let next = item.next else { return }
    from = item.phase
    announced = next
    known = []
    acknowledged = []
  }

  /// Takes the participants as they were listed, and those of them that haven't acknowledged.
  mutating func saw(_ participants: [ParticipantItem], missing: [ParticipantItem], at now: Int64) {
    let missing = Set(missing.map(\.name))
    for participant in participants where !missing.contains(participant.name) && known.insert(participant.name).inserted {
      acknowledged.append(StepRecord.Acknowledgement(name: participant.name, seen: now))
    }
  }

  mutating func removed(_ participant: ParticipantItem) { dead.append(participant.name) }

  /// The record of the step that has left `item`; nil where the switch found it made.
  func record(of item: ControlItem, at now: Int64) -> StepRecord? {
    guard item == self.item, let from, from != item.phase else { return nil }
    return StepRecord(
      from: from, to: item.phase, epoch: item.epoch, made: now, mapping: item.mapping, isFenced: announced?.fenced ?? false,
      acceptsUnresolved: announced?.acceptUnresolved ?? false, acknowledged: acknowledged, removed: dead)
  }
}
