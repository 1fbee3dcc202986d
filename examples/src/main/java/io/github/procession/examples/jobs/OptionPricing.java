package io.github.procession.examples.jobs;

import java.io.Serializable;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What is an option worth? Many possible courses of a share, drawn at random.
///
/// Look at [#simulate]: a task is a number of courses and the number of its own random stream, so that the result is the same
/// however many workers there are; and what comes back are a few sums, not the courses.
public final class OptionPricing {
    private static final double SPOT = 100;
    private static final double STRIKE = 105;
    private static final double RATE = 0.03;
    private static final double VOLATILITY = 0.25;
    private static final double YEARS = 1;
    private static final int STEPS = 50;
    private static final int COURSES = 20_000; // in a task
    private static final int DEVIATIONS = 4;

    /// Sums over courses.
    ///
    /// @param courses         how many
    /// @param european        of what a European call pays
    /// @param europeanSquares of the squares of that
    /// @param asian           of what an Asian call pays, which goes by the mean of the course
    private record Sums(long courses, double european, double europeanSquares, double asian) implements Serializable {
        static final Sums NONE = new Sums(0, 0, 0, 0);

        Sums plus(Sums other) {
            return new Sums(
                    courses + other.courses,
                    european + other.european,
                    europeanSquares + other.europeanSquares,
                    asian + other.asian);
        }

        double price() {
            return european / courses;
        }

        double error() {
            return Math.sqrt((europeanSquares / courses - price() * price()) / courses);
        }
    }

    private OptionPricing() {}

    /// Runs it: `courses=100000000 workers=2`.
    public static void main(String[] arguments) throws Exception {
        var options = Comparison.Options.of(arguments, "courses", 20_000_000);
        var tasks = IntStream.range(0, Math.ceilDiv(options.size(), COURSES))
                .boxed()
                .toList();
        var sums = Comparison.of(
                options.workers(),
                () -> tasks.stream().map(OptionPricing::simulate).reduce(Sums.NONE, Sums::plus),
                pool -> pool.map(tasks, OptionPricing::simulate).stream().reduce(Sums.NONE, Sums::plus));
        double exact = blackScholes();
        System.out.printf(
                Locale.ROOT,
                "European call %.3f ± %.3f (Black and Scholes: %.3f), Asian call %.3f%n",
                sums.price(),
                sums.error(),
                exact,
                sums.asian / sums.courses);
        if (Math.abs(sums.price() - exact) > DEVIATIONS * sums.error()) {
            throw new IllegalStateException("That is not what the formula says");
        }
    }

    private static Sums simulate(int task) {
        var random = new SplittableRandom(task);
        double step = YEARS / STEPS;
        double drift = (RATE - VOLATILITY * VOLATILITY / 2) * step;
        double spread = VOLATILITY * Math.sqrt(step);
        double discount = Math.exp(-RATE * YEARS);
        double european = 0;
        double squares = 0;
        double asian = 0;
        for (int course = 0; course < COURSES; course++) {
            double logarithm = Math.log(SPOT);
            double sum = 0;
            for (int i = 0; i < STEPS; i++) {
                logarithm += drift + spread * random.nextGaussian();
                sum += Math.exp(logarithm);
            }
            double pays = discount * Math.max(0, Math.exp(logarithm) - STRIKE);
            european += pays;
            squares += pays * pays;
            asian += discount * Math.max(0, sum / STEPS - STRIKE);
        }
        return new Sums(COURSES, european, squares, asian);
    }

    /// The formula of Black and Scholes (1973) for a European call.
    private static double blackScholes() {
        double spread = VOLATILITY * Math.sqrt(YEARS);
        double d = (Math.log(SPOT / STRIKE) + (RATE + VOLATILITY * VOLATILITY / 2) * YEARS) / spread;
        return SPOT * normal(d) - STRIKE * Math.exp(-RATE * YEARS) * normal(d - spread);
    }

    /// The normal distribution, by its series (Abramowitz and Stegun, 26.2.10).
    private static double normal(double x) {
        double sum = 0;
        double term = x;
        for (int n = 0; Math.abs(term) > 1e-16; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / 2 / (n + 1);
        }
        return 0.5 + sum / Math.sqrt(2 * Math.PI);
    }
}
