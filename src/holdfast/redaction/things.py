"""Things that people list: animals, groceries, what is packed. A list of one kind is no phrase, though all its words
may be list words."""

KINDS = (
    frozenset(
        (
            "alligator animal animals ant antelope ape badger bat bear beaver bee beetle bird bison bug bull "
            "butterfly calf camel canary cat cattle chicken clam cobra cow crab crane cricket crow deer dog "
            "dolphin donkey dove dragon duck duckling eagle eel elephant elk falcon fish flea fly fox frog "
            "giraffe goat goose gorilla hamster hawk hedgehog hen hippo horse hyena insect jaguar kangaroo kitten "
            "koala leopard lion lizard llama lobster lynx mammal mammoth monkey moose mosquito mouse mule octopus "
            "orca ostrich otter owl oyster panda panther parrot peacock pelican penguin pet pig pigeon pony "
            "porcupine puma puppy rabbit raccoon ram rat raven rhino rooster salmon scorpion seal shark sheep "
            "shrimp skunk sloth snail snake spider squid squirrel swan tadpole tiger toad tortoise trout tuna "
            "turkey turtle viper vulture walrus wasp whale wildlife wolf worm yak zebra"
        ).split()
    ),
    frozenset(
        (
            "apple apples avocado bacon bag bags banana bananas battery bean beans bottle bread butter cabbage "
            "cake candle candy carrot cat cereal cheese cherry chicken chips chocolate coconut coffee cookie corn "
            "cream cucumber dinner egg eggs fish flour food fruit garlic ginger grape grapes grocery gum ham "
            "honey jam juice ketchup lemon lemons lettuce lunch mango maple meat melon milk mushroom mustard "
            "napkin napkins noodle nut oil oils olive onion onions orange oyster paper pasta peach peanut pear "
            "pepper pickle pineapple pizza plum pork potato powder pudding pumpkin raisin rice salad salmon salt "
            "sauce sausage shrimp snack soap soda soup spice spices spinach sponge steak strawberry sugar syrup "
            "tea tissue toast tobacco toilet tomato tomatoes towel tuna turkey vanilla vegetable venison vinegar "
            "walnut water wheat wine yeast yogurt"
        ).split()
    ),
    frozenset(
        (
            "backpack bag ball basket bed belt bike blanket book books boot bottle box brush bucket camera candle "
            "cap car card case chair charger clock cloth clothes coat cup curtain desk dress fan fork glass "
            "glasses glove gloves guitar hammer hat helmet jacket jeans jewel kit knife ladder lamp laptop lens "
            "light magnet map mask medicine mirror mug needle notebook pants paper passport pen pencil phone "
            "piano pillow plate purse radio razor ring rope ruler scarf scissors shampoo shirt shirts shoe shoes "
            "soap sock socks spoon suit sunglasses sunscreen sweater table tent ticket tool toothbrush towel toy "
            "tray umbrella vest wallet watch water"
        ).split()
    ),
)

# Words of everyday English that two words of its list make.
COMPOUNDS = frozenset(
    (
        "airport background backyard bagpipe bankroll baseball basketball bathroom battlefield bedroom "
        "birthday blackboard blueprint boathouse bookcase bookshop bookstore boyfriend broadcast busboy "
        "cardboard checkbook checklist coffeehouse cowboy crossroad crossword dashboard deadline doorbell "
        "downtown dragonfly dreamland earthquake eyeball farmland firearm fireman fireplace fireworks "
        "fishbowl flashlight football footnote footprint forehead framework gamepad gatekeeper girlfriend "
        "goldfish grassland guidebook hallway handbag handbook headline headphone helpdesk homepage homesick "
        "horseback iceberg icecream inside keyboard keyword ladybird landlord landscape laptop lifetime "
        "lighthouse lookout lunchtime mailbox mainland masterpiece matchbox moonlight motorboat newspaper "
        "nobody notebook offline oldtimer online outdoor output outside overall pancake paperback password "
        "payment payroll peanut pineapple playground popcorn postcard railroad rainbow raincoat salesman "
        "sandwich screenshot seafood seaside shoulder sidewalk silverware slideshow snowball snowman software "
        "someone something somewhere spaceship spotlight springtime starfish streetcar sunglasses sunlight "
        "sunset supermarket textbook timeline tonight toothbrush toothpaste trademark typewriter update "
        "uphold upload upset username wallpaper warehouse watchdog waterfall weekday weekend whatever "
        "wheelchair whenever wildlife windmill woodland workday workman worldwide "
    ).split()
)
