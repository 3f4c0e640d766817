import EventLog
import PostgresClient
import Projections

/// The steps of cases that were read and not yet written: every telling of each.
final class StepWords {
    private struct Word {
        let id: ArenaText
        let payload: ArenaText
        let sourceID: Int32
        let step: CaseStep
    }

    private var kinds = StepKinds()
    private var words: [Word] = []
    private var texts = Arena()

    var bytes: Int { texts.heldBytes + words.count * MemoryLayout<Word>.stride }

    func number(of name: some Collection<UInt8>) -> Int32 { kinds.number(of: name) }

    /// - Parameters:
    ///   - id: of the case.
    ///   - kind: number of the step.
    func take(_ id: UnsafeRawBufferPointer, _ kind: Int32, _ fact: Fact) {
        words.append(
            Word(
                id: texts.add(id), payload: texts.add(fact.payload), sourceID: fact.sourceID,
                step: CaseStep(kind: kind, isDated: fact.occurredAt != nil, effective_us: fact.effective_us, position: fact.position)))
    }

    /// What writes what is held; it is held no more.
    func takeHeld() -> [Work] {
        guard !words.isEmpty else { return [] }
        let words = words, texts = texts, kinds = kinds
        (self.words, self.texts) = ([], Arena())
        return [Work { connection in
            try connection.copyRows(into: "case_step", StepFold.columns) { rows, sent in
                for word in words {
                    texts.withBytes(of: word.id) { id in
                        texts.withBytes(of: word.payload) { word.step.write(of: id, sourceID: word.sourceID, payload: $0, kinds, into: &rows) }
                    }
                    try sent(&rows)
                }
            }
        }]
    }
}
