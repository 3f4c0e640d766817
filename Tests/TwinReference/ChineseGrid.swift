import Foundation

/// GCJ-02 and BD-09, as plainly as the formulas can be written down; shares no code with the product.
enum ChineseGrid {
    private static func latitudeWave(_ x: Double, _ y: Double) -> Double {
        var sum = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x).squareRoot()
        sum += (20.0 * sin(6.0 * x * .pi) + 20.0 * sin(2.0 * x * .pi)) * 2.0 / 3.0
        sum += (20.0 * sin(y * .pi) + 40.0 * sin(y / 3.0 * .pi)) * 2.0 / 3.0
        sum += (160.0 * sin(y / 12.0 * .pi) + 320.0 * sin(y * .pi / 30.0)) * 2.0 / 3.0
        return sum
    }

    private static func longitudeWave(_ x: Double, _ y: Double) -> Double {
        var sum = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x).squareRoot()
        sum += (20.0 * sin(6.0 * x * .pi) + 20.0 * sin(2.0 * x * .pi)) * 2.0 / 3.0
        sum += (20.0 * sin(x * .pi) + 40.0 * sin(x / 3.0 * .pi)) * 2.0 / 3.0
        sum += (150.0 * sin(x / 12.0 * .pi) + 300.0 * sin(x / 30.0 * .pi)) * 2.0 / 3.0
        return sum
    }

    /// The map's position of a place in China.
    static func gcj02(ofWGS84 place: Place) -> Place {
        let a = 6378245.0, ee = 0.00669342162296594323
        let phi = place.y / 180.0 * .pi
        let magic = 1 - ee * pow(sin(phi), 2)
        let north = latitudeWave(place.x - 105.0, place.y - 35.0) * 180.0 / ((a * (1 - ee)) / (magic * sqrt(magic)) * .pi)
        let east = longitudeWave(place.x - 105.0, place.y - 35.0) * 180.0 / (a / sqrt(magic) * cos(phi) * .pi)
        return Place(x: place.x + east, y: place.y + north)
    }

    /// By halving the error until nothing is left of it.
    static func wgs84(ofGCJ02 map: Place) -> Place {
        var guess = map
        for _ in 0..<20 {
            let back = gcj02(ofWGS84: guess)
            guess = Place(x: guess.x + map.x - back.x, y: guess.y + map.y - back.y)
        }
        return guess
    }

    static func gcj02(ofBD09 map: Place) -> Place {
        let x = map.x - 0.0065, y = map.y - 0.006
        let z = sqrt(x * x + y * y) - 0.00002 * sin(y * .pi * 3000.0 / 180.0)
        let theta = atan2(y, x) - 0.000003 * cos(x * .pi * 3000.0 / 180.0)
        return Place(x: z * cos(theta), y: z * sin(theta))
    }
}
