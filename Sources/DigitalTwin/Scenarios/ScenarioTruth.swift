import PostgresClient

/// What really happened, as somebody wrote it down: by which it is judged whether rules fired rightly, and in time.
package struct ScenarioTruth: Sendable {
    /// Something that a rule should tell of while it lasts.
    private struct Happening: Sendable {
        /// A sensor or a building, `<source>:<key>`; nil for whatever is watched.
        let subject: String?
        /// Nil for every scenario.
        let scenario: String?
        let span: ClosedRange<Timestamp>
    }

    /// How a rule did in a period.
    package struct Figures: Sendable, Equatable {
        /// What happened, and how much of it the rule told of.
        package var happened = 0
        package var found = 0
        /// From the beginning of each that was found to the first alert, the shortest first.
        package var hoursToDetect: [Double] = []
        /// Alerts within something that happened to what they are about, and all others.
        package var right = 0
        package var wrong = 0
        /// The period without what happened.
        package var quietWeeks = 0.0

        package var wrongPerWeek: Double? { quietWeeks > 0 ? Double(wrong) / quietWeeks : nil }
        package var detectionRate: Double? { happened > 0 ? Double(found) / Double(happened) : nil }
        package var medianHours: Double? {
            guard !hoursToDetect.isEmpty else { return nil }
            return (hoursToDetect[(hoursToDetect.count - 1) / 2] + hoursToDetect[hoursToDetect.count / 2]) / 2
        }
    }

    private var happenings: [Happening] = []

    package init() {}

    package mutating func add(_ span: ClosedRange<Timestamp>, subject: String? = nil, scenario: String? = nil) {
        happenings.append(Happening(subject: subject, scenario: scenario, span: span))
    }

    /// - Parameter csv: a head and a line for each thing that happened: `subject` (a sensor's or building's id, `*` for any), `from` and `to` (ISO 8601) and,
    ///   where not all rules should tell of it, `scenario`; no quotation marks.
    package init(csv: String) throws(ScenarioError) {
        let lines = csv.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { String($0.drop { $0 == " " || $0 == "\u{FEFF}" }) }
        }
        guard let head = lines.first, let subject = head.firstIndex(of: "subject"), let from = head.firstIndex(of: "from"), let to = head.firstIndex(of: "to") else {
            throw ScenarioError("The first line of the truth must name the columns subject, from and to.")
        }
        let scenario = head.firstIndex(of: "scenario")
        for (number, cells) in lines.enumerated().dropFirst() {
            guard cells.count == head.count, let begin = Timestamp(iso8601: cells[from]), let end = Timestamp(iso8601: cells[to]), begin <= end else {
                throw ScenarioError("Line \(number + 1) of the truth must have \(head.count) cells, and from before to, as in 2026-05-01T08:00:00Z.")
            }
            let named = scenario.map { cells[$0] } ?? ""
            add(begin...end, subject: cells[subject] == "*" ? nil : cells[subject], scenario: named.isEmpty ? nil : named)
        }
    }

    /// - Parameters:
    ///   - alerts: of one scenario.
    ///   - period: what begins in it is judged.
    package func figures(of scenario: String, _ alerts: [ScenarioEngine.Outcome], in period: Range<Timestamp>) -> Figures {
        let due = happenings.filter { ($0.scenario == nil || $0.scenario == scenario) && period.contains($0.span.lowerBound) }
        let raised = alerts.filter { $0.isRaised && period.contains($0.at) }
        func isOf(_ alert: ScenarioEngine.Outcome, _ happening: Happening) -> Bool {
            happening.span.contains(alert.at) && (happening.subject == nil || happening.subject == alert.sensor || happening.subject == alert.building)
        }
        var figures = Figures()
        figures.happened = due.count
        for happening in due {
            guard let first = raised.filter({ isOf($0, happening) }).map(\.at).min() else { continue }
            figures.found += 1
            figures.hoursToDetect.append(Double(first.microseconds - happening.span.lowerBound.microseconds) / 3.6e9)
        }
        figures.hoursToDetect.sort()
        figures.right = raised.count { alert in due.contains { isOf(alert, $0) } }
        figures.wrong = raised.count - figures.right
        figures.quietWeeks = Double(quiet_us(due, period)) / 6.048e11
        return figures
    }

    /// How much of a period nothing happened in.
    private func quiet_us(_ due: [Happening], _ period: Range<Timestamp>) -> Int64 {
        var quiet = period.upperBound.microseconds - period.lowerBound.microseconds, reached = period.lowerBound
        for span in due.map(\.span).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let begin = max(span.lowerBound, reached), end = min(span.upperBound, period.upperBound)
            guard end > begin else { continue }
            quiet -= end.microseconds - begin.microseconds
            reached = end
        }
        return quiet
    }
}
