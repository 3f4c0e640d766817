import Projections

/// What a type of fact does to the twin.
final class TypePlan {
    enum Action { case describe, end, tell, observe }

    let action: Action
    /// Number of the kind in `kinds`: its claims, if it has some, and its freshness.
    let kind: Int
    /// Every fact about a case but its end is a step of it: its number in `StepKinds`.
    let step: Int32?
    /// What follows the subject's key, for kinds of which one subject has several.
    let suffix: ((JSONView) -> String)?

    /// The kinds of claims in their order, and after them what has no claims.
    static let kinds = ClaimKind.all.map(\.name) + ["observation"]

    private init(_ action: Action, kind: Int, step: Int32? = nil, suffix: ((JSONView) -> String)? = nil) {
        self.action = action
        self.kind = kind
        self.step = step
        self.suffix = suffix
    }

    /// Nil for types that are not the twin's.
    /// - Parameter number: gives steps their numbers, by their names.
    static func plan(for type: String, number: (Substring.UTF8View) -> Int32) -> TypePlan? {
        if type == "observations.recorded" { return TypePlan(.observe, kind: ClaimKind.all.count) }
        for (index, kind) in ClaimKind.all.enumerated() {
            let isCase = kind.name == "case" && type.hasPrefix("case.")
            let suffix = kind.keySuffix.map { suffix in { (payload: JSONView) in suffix(type, payload) } }
            if kind.ended.contains(type) { return TypePlan(.end, kind: index, suffix: suffix) }
            let step = isCase ? number(type.dropFirst(5).utf8) : nil
            if kind.described.contains(type) { return TypePlan(.describe, kind: index, step: step, suffix: suffix) }
            if isCase { return TypePlan(.tell, kind: index, step: step) }
        }
        return nil
    }
}
