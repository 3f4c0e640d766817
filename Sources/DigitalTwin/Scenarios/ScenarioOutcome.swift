import EventLog
import PostgresClient

extension ScenarioEngine {
    /// The facts that a signal becomes.
    func outcome(_ signal: ScenarioSeries.Signal, _ scenario: Scenario, _ subject: Subject) -> Outcome {
        let id: String, named: String?
        var location: String?
        var isSensor = true, rhythm = SensorRhythm()
        switch subject {
        case .sensor(let index):
            (id, rhythm) = (self.id(index), sensors[index].rhythm)
            (named, location) = (sensors[index].building, sensors[index].location)
        case .building(let counted): (id, named, location, isSensor) = (counted, counted, nil, false)
        }
        let building = named.map(JSONQuoting.text)
        // Where a home is watched because of who lives there, no map shows it: whoever is to look knows the sensor.
        if scenario.watch.dwelling != nil { location = nil }
        let at = Timestamp(microseconds: signal.at_us)
        let key = "\(scenario.scenario)-\(scenario.version)-\(id)-\(signal.raisedBy)"
        func event(_ type: String, _ subject: String, _ members: [(String, String?)]) -> NewEvent {
            let text = members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
            var event = NewEvent(type: type, subject: subject, occurredAt: at, payload: Array("{\(text)}".utf8))
            event.causedBy = signal.causedBy
            return event
        }
        let rule = JSONQuoting.text(scenario.rule)
        guard signal.isRaised else {
            var events = [event("alert.cleared", "alert/\(key)", [("rule", rule), ("reason", signal.reason.map(JSONQuoting.text))])]
            if scenario.tellsOfSilence {
                // Without a date: it ends the silence whatever its readings' dates, which may lie before the moment at which others were heard.
                var resumed = event("sensor.resumed", "sensor/\(id)", [
                    ("sensor", JSONQuoting.text(id)), ("rule", rule), ("reason", signal.reason.map(JSONQuoting.text)),
                ])
                resumed.occurredAt = nil
                events.append(resumed)
            }
            return Outcome(scenario: scenario, sensor: id, building: named, key: key, isRaised: false, at: at, events: events)
        }
        var events = [event("alert.raised", "alert/\(key)", [
            ("rule", rule), ("sensor", isSensor ? JSONQuoting.text(id) : nil), ("building", building), ("location", location),
            ("value", signal.value.map { "\($0)" }), ("level", JSONQuoting.text(scenario.severity)), ("to", JSONQuoting.text(scenario.to)),
            ("case", scenario.opens.map { _ in JSONQuoting.text(ScenarioRun.caseID(key)) }), ("note", JSONQuoting.text(scenario.title)),
        ])]
        if scenario.tellsOfSilence {
            events.append(event("sensor.silenced", "sensor/\(id)", [
                ("sensor", JSONQuoting.text(id)), ("rule", rule), ("last_at", JSONQuoting.text("\(Timestamp(microseconds: rhythm.last_us))")),
                ("usual_seconds", rhythm.usual_us.map { "\(Double($0) / 1_000_000)" }),
            ]))
        }
        if let opens = scenario.opens {
            events.append(event("case.received", "case/\(key)", [
                ("channel", "\"sensor\""), ("category", JSONQuoting.text(opens.category)), ("subcategory", rule), ("handler", opens.handler.map(JSONQuoting.text)),
                ("department", opens.department.map(JSONQuoting.text)), ("urgency", opens.urgency.map(JSONQuoting.text)), ("building", building),
                ("location", location), ("description", JSONQuoting.text("\(scenario.title_zh): \(id)")), ("incident", JSONQuoting.text(key)),
            ]))
        }
        return Outcome(scenario: scenario, sensor: id, building: named, key: key, isRaised: true, at: at, events: events)
    }
}

/// Texts as JSON has them.
private enum JSONQuoting {
    static func text(_ value: String) -> String {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
