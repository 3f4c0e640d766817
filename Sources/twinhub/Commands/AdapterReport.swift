/// What one run of an adapter brought: printed for people, and as JSON for the demo and for scripts. Counts are of records,
/// `facts` of events.
struct AdapterReport: Codable {
    let adapter: String
    let read: Int
    let added: Int
    let changed: Int
    let unchanged: Int
    let removed: Int
    let refused: Int
    /// Removals that the guard held back.
    let heldBack: Int
    let facts: Int

    static func table(_ reports: [AdapterReport]) -> String {
        var table = Table([
            .left("adapter"), .right("rows read"), .right("new"), .right("changed"), .right("unchanged"), .right("removed"), .right("refused"),
            .right("facts appended"),
        ])
        for report in reports + (reports.count > 1 ? [total(of: reports)] : []) {
            table.add(
                [report.adapter]
                    + [report.read, report.added, report.changed, report.unchanged, report.removed, report.refused, report.facts].map(Progress.grouped))
        }
        return table.rendered
    }

    private static func total(of reports: [AdapterReport]) -> AdapterReport {
        func sum(_ count: KeyPath<AdapterReport, Int>) -> Int { reports.reduce(0) { $0 + $1[keyPath: count] } }
        return AdapterReport(
            adapter: "in all", read: sum(\.read), added: sum(\.added), changed: sum(\.changed), unchanged: sum(\.unchanged), removed: sum(\.removed),
            refused: sum(\.refused), heldBack: sum(\.heldBack), facts: sum(\.facts))
    }
}
