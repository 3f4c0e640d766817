CREATE TABLE hub.satisfaction (
    word   text PRIMARY KEY,
    grade  text NOT NULL CHECK (grade IN ('satisfied', 'basically_satisfied', 'dissatisfied')),
    weight numeric NOT NULL CHECK (weight BETWEEN 0 AND 1),
    basis  text NOT NULL
);
COMMENT ON TABLE hub.satisfaction IS 'What sources'' words for satisfaction count; the owner adds words and sets weights (满意度权重)';
COMMENT ON COLUMN hub.satisfaction.word IS 'As it stands in twin.case_step.satisfaction (原文)';
COMMENT ON COLUMN hub.satisfaction.grade IS 'satisfied 满意, basically_satisfied 基本满意, dissatisfied 不满意 (等级)';
COMMENT ON COLUMN hub.satisfaction.weight IS 'Between 0 and 1 (权重)';
COMMENT ON COLUMN hub.satisfaction.basis IS 'Who says so (依据)';
INSERT INTO hub.satisfaction (word, grade, weight, basis) VALUES
    ('very_satisfied', 'satisfied', 1, 'full'), ('satisfied', 'satisfied', 1, 'full'),
    ('basically_satisfied', 'basically_satisfied', 0.6, '0.6 as in one published figure: 614 + 0.6 × 34 of 670 is 94.69 %'), ('dissatisfied', 'dissatisfied', 0, 'none'),
    ('非常满意', 'satisfied', 1, 'full'), ('满意', 'satisfied', 1, 'full'),
    ('基本满意', 'basically_satisfied', 0.6, '0.6 as in one published figure: 614 + 0.6 × 34 of 670 is 94.69 %'), ('不满意', 'dissatisfied', 0, 'none');
