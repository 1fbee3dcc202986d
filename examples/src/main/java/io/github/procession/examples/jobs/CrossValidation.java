package io.github.procession.examples.jobs;

import io.github.procession.Shared;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which small neural network predicts best how far a car goes with a gallon? Every candidate is trained on seven eighths of the
/// cars and asked about the others, eight times.
///
/// Look at [#main]: the table is put once into a `Shared`, and each worker reads it once, however many tasks use it. Candidates
/// with more neurons take longer; `map` sees to it that workers end together.
public final class CrossValidation {
    private static final int FOLDS = 8;

    /// The cars, each column with mean 0 and deviation 1.
    ///
    /// @param features what is known
    /// @param targets  what is to be predicted
    private record Cars(double[][] features, double[] targets) implements Serializable {}

    /// What may be chosen.
    ///
    /// @param neurons how many
    /// @param rate    of learning
    private record Candidate(int neurons, double rate) implements Serializable {}

    /// One training.
    ///
    /// @param fold the part of the cars that is asked about
    private record Trial(Candidate candidate, int fold, int epochs) implements Serializable {}

    private CrossValidation() {}

    /// Runs it: `epochs=50000 workers=2`.
    public static void main(String[] arguments) throws Exception {
        var options = Comparison.Options.of(arguments, "epochs", 20_000);
        var trials = new ArrayList<Trial>();
        for (int neurons : new int[] {2, 4, 8, 16}) {
            for (double rate : new double[] {0.002, 0.01, 0.05}) {
                for (int fold = 0; fold < FOLDS; fold++) {
                    trials.add(new Trial(new Candidate(neurons, rate), fold, options.size()));
                }
            }
        }
        var cars = read();
        try (var shared = Shared.of(cars)) {
            var errors = Comparison.of(
                    options.workers(),
                    () -> trials.stream().map(trial -> error(cars, trial)).toList(),
                    pool -> pool.map(trials, trial -> error(shared.get(), trial)));
            var best = mean(trials, errors).entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "the best of %d: %s, which explains %.0f %% of what differs between cars%n",
                    trials.size() / FOLDS,
                    best.getKey(),
                    100 * (1 - best.getValue()));
        }
    }

    /// Of the folds of each candidate.
    private static Map<Candidate, Double> mean(List<Trial> trials, List<Double> errors) {
        return IntStream.range(0, trials.size())
                .boxed()
                .collect(Collectors.groupingBy(i -> trials.get(i).candidate, Collectors.averagingDouble(errors::get)));
    }

    /// The mean square error on one fold of a network trained on the others, by gradient descent car by car.
    private static double error(Cars cars, Trial trial) {
        int inputs = cars.features[0].length;
        int neurons = trial.candidate.neurons;
        double rate = trial.candidate.rate;
        var random = new Random(trial.fold);
        var in = new double[neurons][inputs + 1];
        var out = new double[neurons + 1];
        for (var weights : in) {
            for (int i = 0; i <= inputs; i++) {
                weights[i] = random.nextGaussian() / Math.sqrt(inputs);
            }
        }
        var hidden = new double[neurons];
        for (int epoch = 0; epoch < trial.epochs; epoch++) {
            for (int car = 0; car < cars.targets.length; car++) {
                if (car % FOLDS == trial.fold) {
                    continue;
                }
                double wrong = predict(cars.features[car], in, out, hidden) - cars.targets[car];
                for (int n = 0; n < neurons; n++) {
                    double back = wrong * out[n] * (1 - hidden[n] * hidden[n]);
                    out[n] -= rate * wrong * hidden[n];
                    for (int i = 0; i < inputs; i++) {
                        in[n][i] -= rate * back * cars.features[car][i];
                    }
                    in[n][inputs] -= rate * back;
                }
                out[neurons] -= rate * wrong;
            }
        }
        double sum = 0;
        int asked = 0;
        for (int car = trial.fold; car < cars.targets.length; car += FOLDS) {
            double wrong = predict(cars.features[car], in, out, hidden) - cars.targets[car];
            sum += wrong * wrong;
            asked++;
        }
        return sum / asked;
    }

    private static double predict(double[] car, double[][] in, double[] out, double[] hidden) {
        double result = out[hidden.length];
        for (int n = 0; n < hidden.length; n++) {
            double sum = in[n][car.length];
            for (int i = 0; i < car.length; i++) {
                sum += in[n][i] * car[i];
            }
            hidden[n] = Math.tanh(sum);
            result += out[n] * hidden[n];
        }
        return result;
    }

    private static Cars read() {
        try (var in = Objects.requireNonNull(CrossValidation.class.getResourceAsStream("cars.csv"), "cars.csv")) {
            var rows = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("car,"))
                    .map(line -> line.split(",", -1))
                    .toList();
            int columns = rows.getFirst().length - 1;
            var table = new double[columns][rows.size()];
            for (int column = 0; column < columns; column++) {
                for (int row = 0; row < rows.size(); row++) {
                    table[column][row] = Double.parseDouble(rows.get(row)[column + 1]);
                }
                standardize(table[column]);
            }
            var features = new double[rows.size()][columns - 1];
            for (int row = 0; row < rows.size(); row++) {
                for (int column = 1; column < columns; column++) {
                    features[row][column - 1] = table[column][row];
                }
            }
            return new Cars(features, table[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void standardize(double[] column) {
        double mean = 0;
        double squares = 0;
        for (double value : column) {
            mean += value / column.length;
            squares += value * value / column.length;
        }
        double deviation = Math.sqrt(squares - mean * mean);
        for (int i = 0; i < column.length; i++) {
            column[i] = (column[i] - mean) / deviation;
        }
    }
}
